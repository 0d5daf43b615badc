import { useState } from "preact/hooks";
import { call } from "../api/client.ts";
import { Dialog } from "../ui/dialog.tsx";
import { ShownOnce } from "../ui/shown-once.tsx";

interface Issued {
  readonly url: string;
  readonly secret: string;
}

/** Creates a webhook and shows its secret once. */
export function WebhookDialog({ onDone, onClose }: { readonly onDone: () => void; readonly onClose: () => void }) {
  const [made, setMade] = useState<Issued | undefined>(undefined);
  const [fault, setFault] = useState<string | undefined>(undefined);
  const create = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const given = new FormData(form);
    const [url = "", description = ""] = ["url", "description"].map((name) => {
      const value = given.get(name);
      return typeof value === "string" ? value.trim() : "";
    });
    setFault(undefined);
    call("POST", "/v1/webhooks", { body: { url, ...(description === "" ? {} : { description }) } })
      .then(async (answer) => {
        setMade((await answer.json()) as Issued);
        form.reset();
        onDone();
      })
      .catch((error: unknown) => setFault(error instanceof Error ? error.message : String(error)));
  };
  return (
    <Dialog title="New webhook" onClose={onClose}>
      <p class="note">Every event from now on is sent there, signed, except single failed portraits.</p>
      <form onSubmit={create}>
        <label>
          URL
          <input name="url" type="url" required maxLength={2_048} placeholder="https://example.com/hooks" />
        </label>
        <label>
          Name (optional)
          <input name="description" type="text" maxLength={100} autocomplete="off" />
        </label>
        {fault === undefined ? null : (
          <p class="note bad" role="alert">
            {fault}
          </p>
        )}
        {made === undefined ? null : <ShownOnce label="Its secret, which signs the messages" secret={made.secret} />}
        <div class="dialog-buttons">
          <button type="button" class="plain" onClick={onClose}>
            Close
          </button>
          <button type="submit" class="main">
            Create the webhook
          </button>
        </div>
      </form>
    </Dialog>
  );
}
