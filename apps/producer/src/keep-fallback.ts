import type { BatchRecord } from "@darkroom/ledger";
import type { ProducerContext } from "./context.ts";
import { putControlFile } from "./control-file.ts";
import { portraitsIn, WAITING } from "./sweep.ts";

const MINUTE_MS = 60_000;

/**
 * Gives a batch to its fallback when its own lane has been blocked for as long as a person said, whatever the reason, and
 * the fallback's is not blocked itself. For good: a batch that went to and fro would look like two. The control file says
 * so before the first portrait goes there, so that a batch that is rebuilt from the object store knows whom to ask.
 */
export async function keepFallback(context: ProducerContext, record: BatchRecord, nowMs: number): Promise<void> {
  const { spec, state, divertedAt, cancelled } = record;
  const { fallback } = spec.control ?? {};
  if (fallback === undefined || divertedAt !== undefined || cancelled) return;
  if (state !== "running" && state !== "ingesting") return;
  const blocked = await context.lane(spec.lane).blocked();
  if (blocked === undefined || nowMs - Date.parse(blocked.since) < fallback.afterMinutes * MINUTE_MS) return;
  if ((await context.lane(fallback.lane).blocked()) !== undefined) return;
  await putControlFile(context, { ...record, lane: fallback.lane, divertedAt: nowMs });
  // The batch first, so that nothing more goes to its own lane while the portraits are looked for.
  const diverted = await context.ledger.control.divert(spec.id, fallback.lane, []);
  if (diverted === undefined) return;
  for await (const indexes of portraitsIn(context, record, WAITING)) {
    await context.ledger.control.divert(spec.id, fallback.lane, indexes);
  }
  context.log.warn(
    { batch: spec.id, lane: spec.lane, fallback: fallback.lane, reason: blocked.reason },
    "a batch's lane stays blocked: its fallback does the work from now on",
  );
  await context.bus.event(spec.id, { type: "batch-diverted", lane: fallback.lane });
  await context.bus.nudge(fallback.lane);
}
