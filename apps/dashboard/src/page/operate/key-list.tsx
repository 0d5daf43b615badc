import { useState } from "preact/hooks";
import { usePolled } from "../api/use-polled.ts";
import { moment } from "../text/numbers.ts";
import { KeyDialog } from "./key-dialog.tsx";
import { OrderButton } from "./order-button.tsx";
import type { Key } from "./views.ts";

const EVERY_MS = 10_000;

/** Shows the API keys with their last use, and revokes them. */
export function KeyList() {
  const { value, error, refresh } = usePolled<{ readonly keys: readonly Key[] }>("/v1/keys?limit=200", EVERY_MS);
  const [isNew, setNew] = useState(false);
  const keys = value.value?.keys ?? [];
  return (
    <section aria-labelledby="keys">
      <h2 id="keys">API keys</h2>
      {error.value === undefined ? null : <p class="note bad">{error.value}</p>}
      {value.value === undefined || keys.length > 0 ? null : <p class="note">There are no keys.</p>}
      <ul class="links">
        {keys.map(({ id, name, tenant, scopes, state, expiresAt, lastUsedAt }) => (
          <li key={id}>
            <b>{name}</b>{" "}
            <span class="note">
              {tenant === "*" ? "all tenants" : tenant}, {scopes.join(" ")}, {state}
              {state === "active" && expiresAt !== null ? ` until ${moment(expiresAt)}` : ""},{" "}
              {lastUsedAt === null ? "never used" : `last used ${moment(lastUsedAt)}`}
            </span>{" "}
            {state !== "active" ? null : (
              <OrderButton
                label="Revoke"
                describe={`Revoke the key ${name}`}
                path={`/v1/keys/${encodeURIComponent(id)}/revoke`}
                question="It stops working at once and for good. The batches that it submitted continue."
                tone="danger"
                onDone={refresh}
              />
            )}
          </li>
        ))}
      </ul>
      <button type="button" onClick={() => setNew(true)}>
        New key…
      </button>
      {isNew ? <KeyDialog onDone={refresh} onClose={() => setNew(false)} /> : null}
    </section>
  );
}
