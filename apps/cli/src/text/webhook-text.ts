import type { DeliveryView, WebhookView } from "../api/webhook-client.ts";
import { momentText } from "./machine-time.ts";

/** Returns the columns of a webhook in a list. */
export function webhookRow(webhook: WebhookView): readonly string[] {
  const { id, url, tenant, waiting, lastDeliveredAt } = webhook;
  return [id, url, tenant, stateText(webhook), String(waiting), timeText(lastDeliveredAt, "never")];
}

/** Describes a webhook in several lines. */
export function webhookText(webhook: WebhookView): string {
  const { id, url, description, tenant, events, waiting, failure, failingSince, heldUntil, missedAt } = webhook;
  const lines: readonly (readonly [string, string | undefined])[] = [
    ["webhook", id],
    ["URL", url],
    ["description", description ?? undefined],
    ["tenant", tenant],
    ["events", events.join(" ")],
    ["state", stateText(webhook)],
    ["reason", webhook.disabledReason ?? undefined],
    ["waiting", String(waiting)],
    ["delivered", timeText(webhook.lastDeliveredAt, "never")],
    ["failure", failure ?? undefined],
    ["failing since", failingSince === null ? undefined : momentText(failingSince)],
    ["held until", heldUntil === null ? undefined : momentText(heldUntil)],
    ["events lost", missedAt === null ? undefined : `before ${momentText(missedAt)}, dropped from the feed unsent`],
    ["former secret", webhook.formerUntil === null ? undefined : `signs too until ${momentText(webhook.formerUntil)}`],
  ];
  return lines.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(14)}${value}`])).join("\n");
}

/** Returns the columns of a delivery in a list. */
export function deliveryRow({ id, at, type, event, attempt, outcome, status, failure, nextAt }: DeliveryView) {
  const next = nextAt === null ? "" : `, again ${momentText(nextAt)}`;
  const result = outcome === "delivered" ? `HTTP ${status ?? ""}` : `${outcome}: ${failure ?? "no answer"}${next}`;
  return [id, momentText(at), type, event ?? "", attempt, result];
}

function stateText({ state, disabledBy, disabledAt }: WebhookView): string {
  if (state !== "disabled") return state;
  return `disabled (${disabledBy ?? ""}) since ${timeText(disabledAt, "an unknown time")}`;
}

function timeText(at: string | null, otherwise: string): string {
  return at === null ? otherwise : momentText(at);
}
