import { writeControlFile } from "@darkroom/archive";
import type { BatchRecord } from "@darkroom/ledger";
import type { ProducerContext } from "../context.ts";
import { portraitsIn, WAITING } from "./sweep.ts";

const MINUTE_MS = 60_000;
/** A wait up to this is a rate's way to go on, as it is with limits by the minute. */
const SHORT_HOLD_MS = 5 * MINUTE_MS;

/**
 * Gives a batch to its fallback when its own lane has been blocked for as long as a person said, whatever the reason, or
 * will do nothing for longer than that because the provider said so; and the fallback's lane does work, as far as anybody
 * knows. For good: a batch that went to and fro would look like two. The control file says so before the first portrait
 * goes there, so that a batch that is rebuilt from the object store knows whom to ask.
 */
export async function keepFallback(context: ProducerContext, record: BatchRecord, nowMs: number): Promise<void> {
  const { spec, state, divertedAt, cancelled } = record;
  const { fallback } = spec.control ?? {};
  if (fallback === undefined || divertedAt !== undefined || cancelled) return;
  if (state !== "running" && state !== "ingesting") return;
  const patienceMs = fallback.afterMinutes * MINUTE_MS;
  const reason = await whyItRests(context, record, patienceMs, nowMs);
  if (reason === undefined || !(await mayWork(context, fallback.lane, patienceMs))) return;
  const next = { ...record, lane: fallback.lane, divertedAt: nowMs };
  await writeControlFile(context.openStore(spec.destination.url), next, true);
  // The batch first, so that nothing more goes to its own lane while the portraits are looked for.
  const diverted = await context.ledger.control.divert(spec.id, fallback.lane, [], record.revision);
  if (diverted === undefined) return;
  for await (const indexes of portraitsIn(context, record, WAITING)) {
    await context.ledger.control.divert(spec.id, fallback.lane, indexes);
  }
  context.log.warn(
    { batch: spec.id, lane: spec.lane, fallback: fallback.lane, reason },
    "a batch's lane does no work for long: its fallback does it from now on",
  );
  await context.bus.event(spec.id, { type: "batch-diverted", lane: fallback.lane });
  await context.bus.nudge(fallback.lane);
}

/** A block from before the batch, or its latest round, may be over: its own portraits are given the time to find out. */
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
 * A block ends by the answer to a portrait. Where the lane has none left (its batch was cancelled, or has a fallback itself)
 * the block says how things were, perhaps long ago: the first portrait that comes finds out.
 */
async function mayWork(context: ProducerContext, lane: string, patienceMs: number): Promise<boolean> {
  const blocked = await context.lane(lane).blocked();
  if (blocked !== undefined && !(await context.lane(lane).lacksProbe())) return false;
  return !(await isHeldLong(context, lane, patienceMs));
}

async function isHeldLong(context: ProducerContext, lane: string, patienceMs: number): Promise<boolean> {
  // What the provider asks for counts: the hold itself is bounded, and begins anew at each refusal.
  const { at, askedUntil } = await context.gate(lane).state();
  return askedUntil !== undefined && askedUntil - at > Math.max(patienceMs, SHORT_HOLD_MS);
}
