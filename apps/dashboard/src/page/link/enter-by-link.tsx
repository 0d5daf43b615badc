import { useEffect, useState } from "preact/hooks";
import { linkedBatch, readSession, signIn } from "../api/session.ts";
import { replace } from "../ui/router.tsx";

/** Signs a client in with the secret of a link, and removes the secret from the address and the history. */
export function EnterByLink() {
  const [fault, setFault] = useState<string | undefined>(undefined);
  useEffect(() => {
    const secret = location.hash.slice(1);
    replace("/link");
    const enter = async (): Promise<void> => {
      if (secret === "") await readSession();
      else await signIn(secret);
      const batch = linkedBatch();
      if (batch === undefined) setFault("Open the link that you received again.");
      else replace(`/batches/${encodeURIComponent(batch)}`);
    };
    enter().catch(() => setFault("This link no longer works. Ask the sender for a new one."));
  }, []);
  return (
    <section class="empty">
      <h1>{fault === undefined ? "Opening…" : "This link does not open"}</h1>
      {fault === undefined ? null : <p role="alert">{fault}</p>}
    </section>
  );
}
