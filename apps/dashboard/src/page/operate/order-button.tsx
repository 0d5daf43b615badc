import { useState } from "preact/hooks";
import { ApiError, call } from "../api/client.ts";
import { Confirm } from "../ui/confirm.tsx";

interface Props {
  readonly label: string;
  /** Text for screen readers, if the label does not name the object. */
  readonly describe: string;
  /** Path of the order. */
  readonly path: string;
  readonly method?: "POST" | "DELETE";
  readonly body?: object;
  /** The question that confirms an order with consequences. */
  readonly question?: string;
  readonly tone?: "plain" | "danger";
  readonly onDone: () => void;
}

/** A button that sends an order, after a confirmation if it has a question, and shows why an order was refused. */
export function OrderButton({ label, describe, path, method = "POST", body, question, tone = "plain", onDone }: Props) {
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | undefined>(undefined);
  const run = async (): Promise<void> => {
    setAsked(false);
    setBusy(true);
    setFault(undefined);
    try {
      await call(method, path, body === undefined ? {} : { body });
      onDone();
    } catch (error) {
      setFault(error instanceof ApiError ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <button
        type="button"
        class={tone}
        disabled={busy}
        aria-label={describe}
        onClick={() => (question === undefined ? void run() : setAsked(true))}
      >
        {label}
      </button>
      {fault === undefined ? null : (
        <p class="note bad" role="alert">
          {fault}
        </p>
      )}
      {!asked ? null : (
        <Confirm
          title={describe}
          action={label}
          tone={tone}
          onConfirm={() => void run()}
          onClose={() => setAsked(false)}
        >
          {question}
        </Confirm>
      )}
    </>
  );
}
