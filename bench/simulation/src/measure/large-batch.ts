import { gzipSync } from "node:zlib";
import { Ledger } from "@darkroom/ledger";
import { batchSpec, ingestParts, outcome } from "./sample-batch.ts";
import type { Measured } from "./measured.ts";
import type { MeasuredRedis } from "./private-redis.ts";

const NAMESPACE = "large";
/** Number of portraits in one read of the sweep (apps/producer/src/duties/sweep.ts). */
const SWEEP_CHUNK = 131_072;

/**
 * Measures a batch of this size in the ledger: its memory, and the cost of reading past portraits that are not pending.
 */
export async function measureLargeBatch(
  redis: MeasuredRedis,
  portraits: number,
): Promise<Measured["states"] & { readonly sweepUsPerMillion: number }> {
  const client = redis.connect("large");
  const ledger = new Ledger(client, NAMESPACE);
  const spec = batchSpec("large");
  await ledger.create(spec);
  const before = await redis.usedBytes();
  const addPartsPerSecond = await ingestParts(ledger, spec.id, portraits / 1_000);
  const usedBytes = (await redis.usedBytes()) - before;

  // All portraits in the first part of the batch have ended, as when one requeued portrait moves the cursor back.
  await client.setrange(`${NAMESPACE}:{${spec.id}}:states`, 0, Buffer.alloc(SWEEP_CHUNK, 0x44));
  const cpuBefore = await redis.cpuUs();
  const window = await ledger.backlog.peekPending(spec.id, 1);
  const emptyPeekUs = (await redis.cpuUs()) - cpuBefore;

  const own = process.cpuUsage();
  const SWEPT = Math.min(portraits, 10_000_000);
  for (let start = 0; start < SWEPT; start += SWEEP_CHUNK) {
    await ledger.indexesIn(spec.id, start, Math.min(SWEEP_CHUNK, SWEPT - start), ["queued", "running", "retrying"]);
  }
  const { user, system } = process.cpuUsage(own);
  return {
    portraits,
    usedBytes,
    addPartsPerSecond,
    emptyPeekUs,
    emptyPeekPortraits: window?.cursor ?? 0,
    sweepUsPerMillion: (user + system) / (SWEPT / 1e6),
  };
}

/** Measures the CPU of a producer process for reading batches, as in a tick and as on a nudge. */
export async function measureReads(
  redis: MeasuredRedis,
): Promise<{ readonly readBatch: number; readonly readForDispatch: number; readonly drainLine: number }> {
  const ledger = new Ledger(redis.connect("reads"), NAMESPACE);
  const ids = Array.from({ length: 200 }, (_, place) => `read-${place}`);
  for (const id of ids) {
    await ledger.create(batchSpec(id));
    for (let sample = 0; sample < 120; sample += 1) await ledger.sample(id, sample, Date.now());
  }
  const ownUs = async (work: (id: string) => Promise<unknown>): Promise<number> => {
    const ROUNDS = 20;
    await Promise.all(ids.map(work));
    const before = process.cpuUsage();
    for (let round = 0; round < ROUNDS; round += 1) await Promise.all(ids.map(work));
    const { user, system } = process.cpuUsage(before);
    return (user + system) / (ROUNDS * ids.length);
  };
  return {
    readBatch: await ownUs((id) => ledger.read(id)),
    readForDispatch: await ownUs((id) => ledger.readForDispatch(id)),
    drainLine: await drainLineUs(redis),
  };
}

/** Measures the CPU of a producer process for moving an outcome line into a report part, without the store's put. */
async function drainLineUs(redis: MeasuredRedis): Promise<number> {
  const LINES = 5_000;
  const client = redis.connect("drain");
  const ledger = new Ledger(client, NAMESPACE);
  const line = JSON.stringify({ index: 1, at: Date.now(), ...outcome(1) });
  await Promise.all(
    Array.from({ length: LINES }, () => client.xadd(`${NAMESPACE}:{drain}:outcomes`, "*", "line", line)),
  );
  const before = process.cpuUsage();
  const lines = await ledger.undrainedOutcomes("drain", LINES);
  gzipSync(lines.map((each) => `${each.line}\n`).join(""));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / lines.length;
}
