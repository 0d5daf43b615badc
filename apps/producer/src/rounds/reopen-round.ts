import { opensAgain, type OutcomeLine } from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import type { ProducerContext } from "../context.ts";
import { drainAll } from "../report/drain.ts";
import { OutcomeBuckets } from "@darkroom/archive";

/** Portraits per script call. More would block Redis noticeably. */
const AT_ONCE = 500;

/**
 * Reopens the portraits that the new rounds select by their latest outcome. Idempotent: a reopened portrait no longer
 * has such an outcome, and the batch is not dispatched until the reopening is complete.
 */
export async function reopenRound(context: ProducerContext, record: BatchRecord): Promise<void> {
  const { spec, reopening } = record;
  const rounds = record.rounds.filter(({ number }) => reopening !== undefined && number >= reopening);
  if (reopening === undefined || rounds.length === 0) return;
  await drainAll(context, spec.id);
  const store = context.openStore(spec.destination.url);
  let opened = 0;
  const open = async (buckets: OutcomeBuckets): Promise<void> => {
    for (const bucket of buckets.numbers) {
      context.signal.throwIfAborted();
      const lines = await buckets.read(bucket);
      for (const round of rounds) {
        let chosen = new Map<number, OutcomeLine>();
        for (const [index, line] of lines) {
          if (!opensAgain(round, line)) continue;
          chosen.set(index, line);
          if (chosen.size < AT_ONCE) continue;
          opened += await context.ledger.control.reopen(spec.id, round.number, chosen);
          chosen = new Map();
        }
        opened += await context.ledger.control.reopen(spec.id, round.number, chosen);
      }
    }
  };
  await OutcomeBuckets.use(store, spec.id, record.rounds, open, (damaged) =>
    context.log.error(
      { batch: spec.id, err: damaged },
      `portraits of a damaged report part are not reopened: ${damaged.message}`,
    ),
  );
  await context.ledger.control.endReopening(spec.id, reopening);
  await context.bus.nudge(record.lane);
  context.log.info({ batch: spec.id, round: record.round, opened }, "reopened portraits");
}
