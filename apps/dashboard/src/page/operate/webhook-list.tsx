import { useState } from "preact/hooks";
import { usePolled } from "../api/use-polled.ts";
import { count, moment } from "../text/numbers.ts";
import { DeliveryLog } from "./delivery-log.tsx";
import { OrderButton } from "./order-button.tsx";
import type { Webhook } from "./views.ts";
import { WebhookDialog } from "./webhook-dialog.tsx";

const EVERY_MS = 5_000;

/** Shows the webhooks with what waits and what fails, and creates, tests, switches and deletes them. */
export function WebhookList() {
  const { value, error, refresh } = usePolled<{ readonly webhooks: readonly Webhook[] }>("/v1/webhooks", EVERY_MS);
  const [isNew, setNew] = useState(false);
  const [logOf, setLogOf] = useState<Webhook | undefined>(undefined);
  const webhooks = value.value?.webhooks ?? [];
  return (
    <section aria-labelledby="webhooks">
      <h2 id="webhooks">Webhooks</h2>
      {error.value === undefined ? null : <p class="note bad">{error.value}</p>}
      {value.value === undefined || webhooks.length > 0 ? null : <p class="note">There are no webhooks.</p>}
      <ul class="batches">
        {webhooks.map((webhook) => (
          <Row key={webhook.id} webhook={webhook} onDone={refresh} onLog={() => setLogOf(webhook)} />
        ))}
      </ul>
      <div class="actions">
        <button type="button" onClick={() => setNew(true)}>
          New webhook…
        </button>
      </div>
      {isNew ? <WebhookDialog onDone={refresh} onClose={() => setNew(false)} /> : null}
      {logOf === undefined ? null : <DeliveryLog webhook={logOf} onClose={() => setLogOf(undefined)} />}
    </section>
  );
}

interface RowProps {
  readonly webhook: Webhook;
  readonly onDone: () => void;
  readonly onLog: () => void;
}

function Row({ webhook, onDone, onLog }: RowProps) {
  const { id, url, description, state, waiting, lastDeliveredAt, failure, disabledReason, tenant } = webhook;
  const path = `/v1/webhooks/${encodeURIComponent(id)}`;
  const name = description ?? url;
  const isDisabled = state === "disabled";
  return (
    <li class="batch">
      <h3>{name}</h3>
      <p class="facts">
        <span class={state === "enabled" ? "" : "warn"}>{state}</span>
        {description === null ? null : <span>{url}</span>}
        <span>{tenant === "*" ? "all tenants" : tenant}</span>
        <span>{count(waiting, "message")} waiting</span>
        <span>{lastDeliveredAt === null ? "nothing delivered yet" : `last delivered ${moment(lastDeliveredAt)}`}</span>
      </p>
      {failure === null ? null : <p class="wait">{failure}</p>}
      {disabledReason === null ? null : <p class="wait">{disabledReason}</p>}
      <div class="actions">
        <button type="button" class="plain" aria-label={`Deliveries of ${name}`} onClick={onLog}>
          Deliveries
        </button>
        {isDisabled ? null : (
          <OrderButton label="Send a test" describe={`Send a test to ${name}`} path={`${path}/test`} onDone={onDone} />
        )}
        <OrderButton
          label={isDisabled ? "Enable" : "Disable"}
          describe={`${isDisabled ? "Enable" : "Disable"} ${name}`}
          path={path}
          body={{ enabled: isDisabled }}
          onDone={onDone}
        />
        <OrderButton
          label="Delete"
          describe={`Delete ${name}`}
          method="DELETE"
          path={path}
          question="Everything that waits for it is dropped. Its secret stops signing."
          tone="danger"
          onDone={onDone}
        />
      </div>
    </li>
  );
}
