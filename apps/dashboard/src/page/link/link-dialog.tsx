import { useEffect, useState } from "preact/hooks";
import { call, getJson } from "../api/client.ts";
import { may } from "../api/session.ts";
import type { ClientLink, IssuedLink } from "../api/types.ts";
import { moment } from "../text/numbers.ts";
import { Dialog } from "../ui/dialog.tsx";
import { ShownOnce } from "../ui/shown-once.tsx";

interface Props {
  readonly batchId: string;
  readonly onClose: () => void;
}

/** Makes, lists and revokes the links by which clients open a batch. */
export default function LinkDialog({ batchId, onClose }: Props) {
  const base = `/v1/batches/${encodeURIComponent(batchId)}/links`;
  const [links, setLinks] = useState<readonly ClientLink[]>([]);
  const [made, setMade] = useState<IssuedLink | undefined>(undefined);
  const [fault, setFault] = useState<string | undefined>(undefined);
  const run = (work: () => Promise<void>): void => {
    setFault(undefined);
    work().catch((error: unknown) => setFault(error instanceof Error ? error.message : String(error)));
  };
  const list = async (): Promise<void> => setLinks((await getJson<{ links: readonly ClientLink[] }>(base)).links);
  useEffect(() => run(list), [base]);
  const create = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const given = new FormData(form);
    const name = given.get("name");
    const body = {
      name: typeof name === "string" ? name.trim() : "",
      days: Number(given.get("days")),
      review: given.has("review"),
      downloads: given.has("downloads"),
    };
    run(async () => {
      setMade((await (await call("POST", base, { body })).json()) as IssuedLink);
      form.reset();
      await list();
    });
  };
  const revoke = (id: string): void =>
    run(async () => {
      await call("POST", `${base}/${id}/revoke`);
      if (made?.id === id) setMade(undefined);
      await list();
    });
  return (
    <Dialog title="Links for clients" onClose={onClose}>
      <form onSubmit={create}>
        <label>
          For whom
          <input name="name" type="text" required maxLength={100} />
        </label>
        <label>
          Days that it works
          <input name="days" type="number" required min="1" max="365" step="1" defaultValue="14" />
        </label>
        {!may("review") ? null : (
          <label class="check">
            <input name="review" type="checkbox" /> May approve and reject
          </label>
        )}
        <label class="check">
          <input name="downloads" type="checkbox" /> May save the pictures
        </label>
        <button type="submit" class="main">
          Make a link
        </button>
      </form>
      {fault === undefined ? null : (
        <p class="note bad" role="alert">
          {fault}
        </p>
      )}
      {made === undefined ? null : (
        <ShownOnce label={`The link for ${made.name}`} secret={`${location.origin}${made.path}`} />
      )}
      <ul class="links" aria-label="Links">
        {links.map(({ id, name, review, downloads, state, expiresAt, lastUsedAt }) => (
          <li key={id}>
            <b>{name}</b>{" "}
            <span class="note">
              {review ? "reviews" : "sees"}
              {downloads ? ", may save" : ""},{" "}
              {state === "active" && expiresAt !== null ? `until ${moment(expiresAt)}` : state},{" "}
              {lastUsedAt === null ? "never opened" : `last opened ${moment(lastUsedAt)}`}
            </span>{" "}
            {state !== "active" ? null : (
              <button
                type="button"
                class="danger"
                aria-label={`Revoke the link for ${name}`}
                onClick={() => revoke(id)}
              >
                Revoke
              </button>
            )}
          </li>
        ))}
      </ul>
      <div class="dialog-buttons">
        <button type="button" class="plain" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
