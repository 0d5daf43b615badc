import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { canonicalJson, DarkroomError, sha256, type BatchState, type BatchStatus } from "@darkroom/core";
import type { BatchRecord, NotCarriedOut, Order } from "@darkroom/ledger";
import { readBatch, viewBatch } from "./batch-view.ts";
import { idempotencyKey } from "../http/idempotency/idempotency-key.ts";
import { keyReused } from "../http/idempotency/idempotency-keys.ts";
import type { Services } from "../services.ts";

/** Part of the description of each order route. */
export const ORDER_DESCRIPTION = `With the \`revision\` on which the decision was based, an order that would undo a newer one is refused (\`stale\`).`;

/** Body field with the revision of the batch that the user saw. */
export const revisionField = z
  .int()
  .min(0)
  .optional()
  .describe("The batch's `revision` on which this decision was based. Defaults to the present one.");

/** Identifies a user's order in the ledger. */
export function orderOf(
  request: FastifyRequest,
  kind: string,
  record: Pick<BatchRecord, "revision" | "round">,
  body: { readonly revision?: number | undefined } = {},
): Order {
  const key = idempotencyKey(request);
  const says = sha256(canonicalJson({ kind, body }));
  const { revision } = body;
  const madeFor = revision === undefined ? { revision: record.revision, round: record.round } : { revision };
  return { says, madeFor, ...(key === undefined ? {} : { id: sha256(key) }) };
}

/** Returns the current batch if an order with this key was carried out before; undefined for a new or refused key. */
export async function answeredBefore(
  services: Services,
  batchId: string,
  order: Order,
): Promise<BatchStatus | undefined> {
  if (order.id === undefined) return undefined;
  const before = await services.ledger.control.answered(batchId, order);
  if (before === "other") throw notCarriedOut({ kind: "other", state: "running" });
  return before === "carried out" ? await viewBatch(services, await readBatch(services, batchId)) : undefined;
}

/** Explains why an order changed nothing. */
export function notCarriedOut({ kind, state }: NotCarriedOut): DarkroomError {
  if (kind === "other") {
    return keyReused();
  }
  return new DarkroomError(
    "stale",
    `The batch has changed since this was decided: another order was carried out, and the batch is ${words(state)} now. Nothing was changed; check the batch, then decide again.`,
  );
}

function words(state: BatchState): string {
  return state.replaceAll("_", " ");
}
