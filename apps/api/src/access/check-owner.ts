import type { FastifyRequest } from "fastify";
import { isBatchId } from "@darkroom/core";
import { noSuchBatch } from "../batches/no-such-batch.ts";
import type { Services } from "../services.ts";
import { ownTenant } from "./caller.ts";
import { checkSpends } from "./submitter.ts";

/** Routes whose `id` is a batch. */
const BATCH_ROUTE = "/v1/batches/:id";

/** Returns the batch id in a request's path, if the path contains one. */
export function batchOfPath({ routeOptions, params }: FastifyRequest): string | undefined {
  return routeOptions.url?.startsWith(BATCH_ROUTE) === true ? (params as { readonly id?: string }).id : undefined;
}

/**
 * Rejects other tenants' batches in every route under `/v1/batches/:id`. The error and the preceding read are the same
 * as for an id that does not exist.
 *
 * @throws DarkroomError `not_found`, or `forbidden` if the batch could spend more than is reserved for its caller
 */
export async function checkOwner(request: FastifyRequest, { ledger }: Pick<Services, "ledger">): Promise<void> {
  const tenant = ownTenant(request.caller);
  const id = batchOfPath(request);
  if (id === undefined) return;
  const { link } = request.caller;
  if (link !== undefined && link.batch !== id) throw noSuchBatch();
  if (tenant !== undefined) {
    const owner = isBatchId(id) ? await ledger.tenantOf(id) : undefined;
    if (owner !== tenant) throw noSuchBatch();
  }
  const { spends = false } = request.routeOptions.config;
  if (spends && request.caller.limits.usdPerDay !== undefined) checkSpends(request.caller, await ledger.read(id));
}
