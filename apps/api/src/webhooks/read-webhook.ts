import { DarkroomError } from "@darkroom/core";
import type { WebhookRecord } from "@darkroom/webhooks";
import { ownTenant, type Caller } from "../access/caller.ts";
import type { Services } from "../services.ts";

/** A request about one endpoint. */
export interface AskedWebhook {
  readonly params: { readonly id: string };
  readonly caller: Caller;
}

/** @throws DarkroomError `not_found`, also for another tenant's endpoint */
export async function readWebhook(
  { webhooks }: Pick<Services, "webhooks">,
  { params: { id }, caller }: AskedWebhook,
): Promise<WebhookRecord> {
  const record = await webhooks.read(id);
  const tenant = ownTenant(caller);
  if (record === undefined || (tenant !== undefined && record.tenant !== tenant)) throw noSuchWebhook();
  return record;
}

export function noSuchWebhook(): DarkroomError {
  return new DarkroomError(
    "not_found",
    "There is no webhook with this id. List them: darkroom webhooks (GET /v1/webhooks).",
  );
}

/** @throws DarkroomError `conflict` for a disabled endpoint */
export function checkEnabled({ id, disabled }: Pick<WebhookRecord, "id" | "disabled">): void {
  if (disabled === undefined) return;
  const message = `The webhook ${id} is disabled: ${disabled.reason} Enable it first: darkroom webhooks enable ${id}.`;
  throw new DarkroomError("conflict", message);
}
