import { shownUsd } from "@darkroom/core/usd-text";
import { useState } from "preact/hooks";
import { ApiError, call, order } from "../api/client.ts";
import { count } from "../text/numbers.ts";
import { Dialog } from "../ui/dialog.tsx";
import { NoteDialog } from "./note-dialog.tsx";

interface Props {
  readonly batchId: string;
  readonly lane: string;
  readonly indexes: readonly number[];
  /** Called when a dialog of the button opens or closes. */
  readonly onDialog?: (isOpen: boolean) => void;
}

/** An order whose price is known. */
interface Priced {
  readonly note: string;
  readonly portraits: number;
  readonly costUsd: number | null;
}

type Step =
  | { readonly kind: "note" }
  | { readonly kind: "price"; readonly priced: Priced }
  | { readonly kind: "fault"; readonly words: string };

/** Orders another result with a note. Shows the price first. */
export function RedoButton({ batchId, lane, indexes, onDialog }: Props) {
  const [step, setStep] = useState<Step | undefined>(undefined);
  const path = `/v1/batches/${encodeURIComponent(batchId)}/redo`;
  const go = (next: Step | undefined): void => {
    setStep(next);
    onDialog?.(next !== undefined);
  };
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      go({ kind: "fault", words: error instanceof ApiError ? error.message : String(error) });
    }
  };
  const ask = async (note: string): Promise<void> => {
    const answer = await call("POST", path, { body: { note, indexes, dryRun: true } });
    const { portraits, costUsd } = (await answer.json()) as Omit<Priced, "note">;
    go({ kind: "price", priced: { note, portraits, costUsd } });
  };
  const send = async (note: string): Promise<void> => {
    await order(path, { note, indexes });
    go(undefined);
  };
  const close = (): void => go(undefined);
  return (
    <>
      <button type="button" class="plain" onClick={() => go({ kind: "note" })}>
        Redo…
      </button>
      {step?.kind !== "note" ? null : (
        <NoteDialog
          title={`Order ${indexes.length === 1 ? "another result" : `${indexes.length} other results`}`}
          action="Show the price"
          isNeeded
          onNote={(note) => void attempt(() => ask(note ?? ""))}
          onClose={close}
        />
      )}
      {step?.kind !== "price" ? null : (
        <Dialog title="Order another result" onClose={close}>
          <p>
            {count(step.priced.portraits, "portrait")} for{" "}
            {step.priced.costUsd === null ? "an unknown price" : shownUsd(step.priced.costUsd, lane)}. The present
            result stays until the new one is there; the decision about it ends now.
          </p>
          <div class="dialog-buttons">
            <button type="button" class="plain" onClick={close}>
              Not now
            </button>
            <button type="button" class="main" onClick={() => void attempt(() => send(step.priced.note))}>
              Order
            </button>
          </div>
        </Dialog>
      )}
      {step?.kind !== "fault" ? null : (
        <Dialog title="Nothing was ordered" onClose={close}>
          <p role="alert">{step.words}</p>
          <div class="dialog-buttons">
            <button type="button" class="plain" onClick={close}>
              Close
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}
