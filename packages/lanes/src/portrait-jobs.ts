import { defineScript, type RedisConnection } from "@darkroom/redis-kit";

/** A portrait of a job. Everything else is in the ledger and the snapshot. */
export interface PortraitJob {
  /** Batch id. */
  readonly b: string;
  /** Portrait index. */
  readonly i: number;
}

/** The data of a job of one portrait, or of several with successive indexes. */
export interface JobData extends PortraitJob {
  /** Number of portraits. Defaults to 1. */
  readonly n?: number;
  /** The epoch of a job of several portraits. */
  readonly e?: number;
}

/** Returns the portraits of a job. */
export function portraitsOf({ b, i, n = 1 }: JobData): readonly PortraitJob[] {
  return Array.from({ length: n }, (_, place) => ({ b, i: i + place }));
}

/** Returns the id of a portrait's separate job. */
export function jobId(batchId: string, index: number, epoch: number): string {
  return `${batchId}-${index}-${epoch}`;
}

/** Marks the id of a job of several portraits. Other ids do not contain this character. */
const SEVERAL = "+";

/** A job to add. */
export interface NewJob {
  readonly id: string;
  readonly data: JobData;
}

/**
 * Divides portraits into jobs.
 *
 * @param indexes ascending
 * @param together maximum number of portraits of one job
 */
export function jobsOf(
  batchId: string,
  epoch: number,
  indexes: readonly number[],
  together: number,
): readonly NewJob[] {
  const runs: { first: number; count: number }[] = [];
  for (const index of indexes) {
    const last = runs.at(-1);
    if (last !== undefined && last.count < together && index === last.first + last.count) last.count += 1;
    else runs.push({ first: index, count: 1 });
  }
  return runs.map(({ first, count }) => {
    if (count === 1) return { id: jobId(batchId, first, epoch), data: { b: batchId, i: first } };
    const id = `${batchId}-${first}${SEVERAL}${count}-${epoch}`;
    return { id, data: { b: batchId, i: first, n: count, e: epoch } };
  });
}

/** A job of several portraits that is currently in a queue. */
export interface SharedJob {
  readonly state: "waiting" | "active";
  readonly batchId: string;
  readonly first: number;
  readonly count: number;
}

/**
 * KEYS active, wait, paused, prioritized · ARGV the mark of a shared job · returns their places and ids alternately.
 */
const listShared = defineScript(`
local found = {}
local function note(place, ids)
  for _, id in ipairs(ids) do
    if string.find(id, ARGV[1], 1, true) then
      found[#found + 1] = place
      found[#found + 1] = id
    end
  end
end
note('active', redis.call('LRANGE', KEYS[1], 0, -1))
note('waiting', redis.call('LRANGE', KEYS[2], 0, -1))
note('waiting', redis.call('LRANGE', KEYS[3], 0, -1))
note('waiting', redis.call('ZRANGE', KEYS[4], 0, -1))
return found`);

/**
 * Lists the shared jobs. Shared jobs are never delayed, so this reads only the prefetched jobs, at most a few times the
 * lane's concurrency.
 *
 * @param toKey returns BullMQ's key of a list
 */
export async function sharedJobs(
  redis: RedisConnection,
  toKey: (list: string) => string,
): Promise<readonly SharedJob[]> {
  const keys = ["active", "wait", "paused", "prioritized"].map(toKey);
  const found = (await listShared.run(redis, keys, [SEVERAL])) as string[];
  const jobs: SharedJob[] = [];
  for (let place = 0; place < found.length; place += 2) {
    const [, batchId = "", first, count] = /^(.+)-(\d+)\+(\d+)-\d+$/.exec(found[place + 1] ?? "") ?? [];
    const state = found[place] === "active" ? "active" : "waiting";
    jobs.push({ state, batchId, first: Number(first), count: Number(count) });
  }
  return jobs;
}
