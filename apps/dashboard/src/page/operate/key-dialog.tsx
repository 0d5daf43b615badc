import { SCOPES } from "@darkroom/access/scopes";
import { useState } from "preact/hooks";
import { call } from "../api/client.ts";
import { seesAllTenants } from "../api/session.ts";
import { Dialog } from "../ui/dialog.tsx";
import { ShownOnce } from "../ui/shown-once.tsx";

const DAY_MS = 86_400_000;

const MEANINGS: Readonly<Record<(typeof SCOPES)[number], string>> = {
  read: "see batches and results",
  submit: "submit batches",
  review: "approve, reject and redo",
  manage: "pause, cancel, retry, deliver",
  admin: "everything, with keys",
};

interface Issued {
  readonly name: string;
  readonly key: string;
}

/** Creates an API key and shows it once. */
export function KeyDialog({ onDone, onClose }: { readonly onDone: () => void; readonly onClose: () => void }) {
  const [made, setMade] = useState<Issued | undefined>(undefined);
  const [fault, setFault] = useState<string | undefined>(undefined);
  const create = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const given = new FormData(form);
    setFault(undefined);
    call("POST", "/v1/keys", { body: keyOf(given, Date.now()) })
      .then(async (answer) => {
        setMade((await answer.json()) as Issued);
        form.reset();
        onDone();
      })
      .catch((error: unknown) => setFault(error instanceof Error ? error.message : String(error)));
  };
  return (
    <Dialog title="New API key" onClose={onClose}>
      <form onSubmit={create}>
        <label>
          Whose key
          <input name="name" type="text" required maxLength={100} autocomplete="off" />
        </label>
        <fieldset>
          <legend>It may</legend>
          {SCOPES.map((scope) => (
            <label key={scope} class="check">
              <input name="scope" type="checkbox" value={scope} defaultChecked={scope === "read"} /> {scope}:{" "}
              {MEANINGS[scope]}
            </label>
          ))}
        </fieldset>
        {!seesAllTenants() ? null : (
          <label>
            Tenant (empty: default; *: all)
            <input name="tenant" type="text" maxLength={64} autocomplete="off" />
          </label>
        )}
        <label>
          Days that it works (empty: no end)
          <input name="days" type="number" min="1" max="3650" step="1" />
        </label>
        {fault === undefined ? null : (
          <p class="note bad" role="alert">
            {fault}
          </p>
        )}
        {made === undefined ? null : <ShownOnce label={`The key of ${made.name}`} secret={made.key} />}
        <div class="dialog-buttons">
          <button type="button" class="plain" onClick={onClose}>
            Close
          </button>
          <button type="submit" class="main">
            Create the key
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function keyOf(given: FormData, nowMs: number): object {
  const text = (name: string): string => {
    const value = given.get(name);
    return typeof value === "string" ? value.trim() : "";
  };
  const [tenant, days] = [text("tenant"), text("days")];
  return {
    name: text("name"),
    scopes: given.getAll("scope"),
    ...(tenant === "" ? {} : { tenant }),
    ...(days === "" ? {} : { expiresAt: new Date(nowMs + Number(days) * DAY_MS).toISOString() }),
  };
}
