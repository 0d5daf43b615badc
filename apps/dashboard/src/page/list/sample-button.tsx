import { useState } from "preact/hooks";
import { ApiError, call } from "../api/client.ts";

/** Submits sample batches to the simulator. */
export function SampleButton({ onDone }: { readonly onDone: () => void }) {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | undefined>(undefined);
  const run = async (): Promise<void> => {
    setBusy(true);
    setFault(undefined);
    try {
      await call("POST", "/v1/samples");
      onDone();
    } catch (error) {
      setFault(error instanceof ApiError ? error.message : String(error));
      setBusy(false);
    }
  };
  return (
    <p>
      <button type="button" disabled={busy} onClick={() => void run()}>
        {busy ? "Preparing…" : "Show me samples"}
      </button>{" "}
      <span class="note">Simulated: nothing is paid.</span>
      {fault === undefined ? null : <span role="alert"> {fault}</span>}
    </p>
  );
}
