import { budgetForAll } from "@darkroom/core/budget-for-all";
import { simulatedMark } from "@darkroom/core/usd-text";
import { useRef, useState } from "preact/hooks";
import { ApiError, order } from "../api/client.ts";
import { may } from "../api/session.ts";
import type { BatchStatus } from "../api/types.ts";
import { Dialog } from "../ui/dialog.tsx";
import { actionsFor, type BatchAction } from "./actions.ts";

interface Props {
  readonly status: BatchStatus;
  readonly onChange: (status: BatchStatus) => void;
}

/** The buttons of a batch. An order that pays or ends something requires a confirmation. */
export function BatchActions({ status, onChange }: Props) {
  const [asked, setAsked] = useState<BatchAction | undefined>(undefined);
  const [fault, setFault] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const run = async (action: BatchAction, maxCostUsd?: number): Promise<void> => {
    setAsked(undefined);
    setFault(undefined);
    setBusy(true);
    try {
      const body = { revision: status.revision, ...(maxCostUsd === undefined ? {} : { maxCostUsd }) };
      onChange(await order<BatchStatus>(`/v1/batches/${encodeURIComponent(status.id)}/${action.name}`, body));
    } catch (error) {
      setFault(error instanceof ApiError ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  const press = (action: BatchAction): void => {
    if (action.question === undefined && action.asksBudget !== true) void run(action);
    else setAsked(action);
  };
  const allowed = actionsFor(status).filter(({ scope = "manage" }) => may(scope));
  return (
    <div class="actions">
      {allowed.map((action) => (
        <button key={action.name} type="button" class={action.tone} disabled={busy} onClick={() => press(action)}>
          {action.label}
        </button>
      ))}
      {fault === undefined ? null : (
        <p class="note bad" role="alert">
          {fault}
        </p>
      )}
      {asked === undefined ? null : (
        <Ask
          action={asked}
          status={status}
          onAnswer={(budget) => void run(asked, budget)}
          onClose={() => setAsked(undefined)}
        />
      )}
    </div>
  );
}

interface AskProps {
  readonly action: BatchAction;
  readonly status: BatchStatus;
  readonly onAnswer: (maxCostUsd?: number) => void;
  readonly onClose: () => void;
}

function Ask({ action, status, onAnswer, onClose }: AskProps) {
  const budget = useRef<HTMLInputElement>(null);
  const lowest = (status.maxCostUsd ?? 0) + 0.01;
  const proposed = budgetForAll(status) ?? lowest;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    onAnswer(action.asksBudget === true ? Number(budget.current?.value) : undefined);
  };
  return (
    <Dialog title={action.label} onClose={onClose}>
      <form onSubmit={submit}>
        {action.question === undefined ? null : <p>{action.question}</p>}
        {action.asksBudget !== true || status.reason === null ? null : (
          <p id="budget-reason" class="note">
            {status.reason}
          </p>
        )}
        {action.asksBudget !== true ? null : (
          <label>
            New budget in USD{simulatedMark(status.lane)}
            <input
              ref={budget}
              type="number"
              required
              step="0.01"
              min={lowest.toFixed(2)}
              defaultValue={proposed.toFixed(2)}
              aria-describedby="budget-reason"
            />
          </label>
        )}
        <div class="dialog-buttons">
          <button type="button" class="plain" onClick={onClose}>
            Not now
          </button>
          <button type="submit" class={action.tone}>
            {action.label}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
