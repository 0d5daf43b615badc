import { usePolled } from "../api/use-polled.ts";
import { moment } from "../text/numbers.ts";
import { Dialog } from "../ui/dialog.tsx";
import { OrderButton } from "./order-button.tsx";
import type { Delivery, Webhook } from "./views.ts";

const EVERY_MS = 3_000;
const LIMIT = 50;

/** Shows the latest attempts of a webhook, and sends an event again. */
export function DeliveryLog({ webhook, onClose }: { readonly webhook: Webhook; readonly onClose: () => void }) {
  const path = `/v1/webhooks/${encodeURIComponent(webhook.id)}/deliveries`;
  const { value, error, refresh } = usePolled<{ readonly deliveries: readonly Delivery[] }>(
    `${path}?limit=${LIMIT}`,
    EVERY_MS,
  );
  const deliveries = value.value?.deliveries ?? [];
  return (
    <Dialog title={`Deliveries of ${webhook.description ?? webhook.url}`} wide onClose={onClose}>
      {error.value === undefined ? null : <p class="note bad">{error.value}</p>}
      {value.value === undefined || deliveries.length > 0 ? null : <p class="note">Nothing was sent yet.</p>}
      <ul class="links" aria-label="Deliveries, the latest first">
        {deliveries.map(({ id, at, type, event, attempt, outcome, status, durationMs, failure, nextAt }) => (
          <li key={id}>
            <b>{type}</b>{" "}
            <span class={outcome === "delivered" ? "note" : "note bad"}>
              {moment(at)}, {outcome.replaceAll("_", " ")}
              {status === null ? "" : `, answer ${status}`}, {durationMs.toLocaleString("en")} ms
              {attempt === 1 ? "" : `, try ${attempt}`}
              {failure === null ? "" : `: ${failure}`}
              {nextAt === null ? "" : ` Next try ${moment(nextAt)}.`}
            </span>{" "}
            {event === null || webhook.state === "disabled" ? null : (
              <OrderButton
                label="Send again"
                describe={`Send again: ${type} of ${moment(at)}`}
                path={`${path}/${encodeURIComponent(id)}/resend`}
                onDone={refresh}
              />
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
