import { writeControlFile } from "@darkroom/archive";
import type { BatchRecord } from "@darkroom/ledger";
import type { ProducerContext } from "../context.ts";
import { portraitsIn, WAITING } from "./sweep.ts";

const MINUTE_MS = 60_000;
/** A provider that requests a shorter wait is only rate limiting, for example per minute. */
const SHORT_HOLD_MS = 5 * MINUTE_MS;

/**
 * Fails a batch over to its fallback lane when its own lane has been blocked for the configured time, or when the
 * provider requests a longer wait. The failover is final, because alternating lanes would make the batch look
 * inconsistent. The control file is written first, so that a recovered batch knows which lane to query.
 */
export async function failOverToFallback(context: ProducerContext, record: BatchRecord, nowMs: number): Promise<void> {
  const { spec, state, divertedAt, cancelled } = record;
  const { fallback } = spec.control ?? {};
  if (fallback === undefined || divertedAt !== undefined || cancelled) return;
  if (state !== "running" && state !== "ingesting") return;
  const patienceMs = fallback.afterMinutes * MINUTE_MS;
  const reason = await whyItRests(context, record, patienceMs, nowMs);
  if (reason === undefined || !(await mayWork(context, fallback.lane, patienceMs))) return;
  const next = { ...record, lane: fallback.lane, divertedAt: nowMs };
  await writeControlFile(context.openStore(spec.destination.url), next, true);
  // Moves the batch first, so that no more portraits enter its own lane during the scan.
  const diverted = await context.ledger.control.divert(spec.id, fallback.lane, [], record.revision);
  if (diverted === undefined) return;
  for await (const indexes of portraitsIn(context, record, WAITING)) {
    await context.ledger.control.divert(spec.id, fallback.lane, indexes);
  }
  context.log.warn(
    { batch: spec.id, lane: spec.lane, fallback: fallback.lane, reason },
    "the batch failed over to its fallback lane",
  );
  await context.bus.event(spec.id, { type: "batch-diverted", lane: fallback.lane });
  await context.bus.nudge(fallback.lane);
}

/**
 * A block that predates the batch or its latest round may be over. In that case, the batch's own portraits first probe
 * the lane.
 */
async function whyItRests(
  context: ProducerContext,
  { spec, createdAt, rounds }: BatchRecord,
  patienceMs: number,
  nowMs: number,
): Promise<string | undefined> {
  const blocked = await context.lane(spec.lane).blocked();
  if (blocked !== undefined) {
    const since = Math.max(Date.parse(blocked.since), createdAt, rounds.at(-1)?.at ?? 0);
    if (nowMs - since >= patienceMs) return blocked.reason;
  }
  return (await isHeldLong(context, spec.lane, patienceMs)) ? "held" : undefined;
}

/**
 * Only a portrait's answer ends a block. A blocked lane without any job to probe it may work again, so the first
 * portrait that arrives is the probe.
 */
async function mayWork(context: ProducerContext, lane: string, patienceMs: number): Promise<boolean> {
  const blocked = await context.lane(lane).blocked();
  if (blocked !== undefined && !(await context.lane(lane).lacksProbe())) return false;
  return !(await isHeldLong(context, lane, patienceMs));
}

async function isHeldLong(context: ProducerContext, lane: string, patienceMs: number): Promise<boolean> {
  // `askedUntil` is the provider's own request. The gate's hold is capped, and restarts at each refusal.
  const { at, askedUntil } = await context.gate(lane).state();
  return askedUntil !== undefined && askedUntil - at > Math.max(patienceMs, SHORT_HOLD_MS);
}
