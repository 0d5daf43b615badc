import { useState } from "preact/hooks";
import { ApiError, order } from "../api/client.ts";
import { may } from "../api/session.ts";
import type { BatchStatus } from "../api/types.ts";
import { isEnded } from "../text/batch-words.ts";
import { Confirm } from "../ui/confirm.tsx";
import { causesOf, type Cause } from "./causes.ts";
import { retryLabel, retryQuestion } from "./retry-price.ts";

interface Props {
  readonly status: BatchStatus;
  readonly onChange: (status: BatchStatus) => void;
}

/** Lists why portraits failed: the number and a description of each cause, and a button that tries these again. */
export function FailureList({ status, onChange }: Props) {
  const causes = causesOf(status);
  if (causes.length === 0) return null;
  // A single cause needs no button in addition to the batch's.
  const mayRetry = isEnded(status) && may("manage") && causes.filter(({ retryable }) => retryable).length > 1;
  return (
    <ul class="causes" aria-label="Why portraits failed">
      {causes.map((cause) => (
        <li key={cause.code}>
          <b>{cause.count.toLocaleString("en")}</b> {cause.meaning}
          <span class="note">{cause.retryable ? "another try may succeed" : "another try ends the same"}</span>
          {cause.retryable && mayRetry ? <RetryCause status={status} cause={cause} onChange={onChange} /> : null}
        </li>
      ))}
    </ul>
  );
}

/** Tries the portraits of one cause again, after the price is confirmed. */
function RetryCause({ status, cause, onChange }: Props & { readonly cause: Cause }) {
  const [isAsked, setAsked] = useState(false);
  const [fault, setFault] = useState<string | undefined>(undefined);
  const { id, revision } = status;
  const send = async (): Promise<void> => {
    setAsked(false);
    setFault(undefined);
    try {
      const body = { codes: [cause.code], revision };
      onChange(await order<BatchStatus>(`/v1/batches/${encodeURIComponent(id)}/retry`, body));
    } catch (error) {
      setFault(error instanceof ApiError ? error.message : String(error));
    }
  };
  const label = retryLabel(status, cause.count);
  return (
    <>
      <button type="button" class="plain" aria-label={`${label}: ${cause.meaning}`} onClick={() => setAsked(true)}>
        {label}
      </button>
      {fault === undefined ? null : (
        <p class="note bad" role="alert">
          {fault}
        </p>
      )}
      {!isAsked ? null : (
        <Confirm title={label} action="Try again" onConfirm={() => void send()} onClose={() => setAsked(false)}>
          {retryQuestion(status, cause.count)}
        </Confirm>
      )}
    </>
  );
}
