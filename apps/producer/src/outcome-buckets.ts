import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { finished } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { batchKeys, isNewer, type ObjectStore, type OutcomeLine } from "@darkroom/core";

/** Portraits whose outcomes are in memory at once; a multiple of a snapshot part. */
export const BUCKET_PORTRAITS = 50_000;

/**
 * The outcome lines of a batch's report parts, by portrait. Memory is flat: the lines are sorted into buckets on disk,
 * and one bucket is read at a time.
 */
export class OutcomeBuckets {
  readonly #folder: string;
  readonly #known: ReadonlySet<number>;

  private constructor(folder: string, known: ReadonlySet<number>) {
    this.#folder = folder;
    this.#known = known;
  }

  /** Reads every report part of a batch for as long as `use` takes. */
  static async use<T>(store: ObjectStore, batchId: string, use: (buckets: OutcomeBuckets) => Promise<T>): Promise<T> {
    const folder = await mkdtemp(join(tmpdir(), "darkroom-outcomes-"));
    try {
      return await use(new OutcomeBuckets(folder, await sortInto(folder, store, batchId)));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** The buckets that hold something, in order. */
  get numbers(): readonly number[] {
    return [...this.#known].sort((a, b) => a - b);
  }

  /** The latest outcome of each portrait of a bucket. */
  async read(bucket: number): Promise<ReadonlyMap<number, OutcomeLine>> {
    const outcomes = new Map<number, OutcomeLine>();
    if (!this.#known.has(bucket)) return outcomes;
    const input = createReadStream(bucketFile(this.#folder, bucket));
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      const outcome = JSON.parse(line) as OutcomeLine;
      const before = outcomes.get(outcome.index);
      if (before === undefined || isNewer(outcome, before)) outcomes.set(outcome.index, outcome);
    }
    return outcomes;
  }
}

/** The bucket of a portrait. */
export function bucketOf(index: number): number {
  return Math.floor(index / BUCKET_PORTRAITS);
}

function bucketFile(folder: string, bucket: number): string {
  return join(folder, `${bucket}.jsonl`);
}

async function sortInto(folder: string, store: ObjectStore, batchId: string): Promise<ReadonlySet<number>> {
  const files = new Map<number, ReturnType<typeof createWriteStream>>();
  for await (const { key } of store.list({ prefix: batchKeys(batchId).reportPrefix })) {
    const { body } = await store.get(key);
    for await (const line of createInterface({ input: body.pipe(createGunzip()), crlfDelay: Infinity })) {
      if (line === "") continue;
      const bucket = bucketOf((JSON.parse(line) as OutcomeLine).index);
      const file = files.get(bucket) ?? createWriteStream(bucketFile(folder, bucket));
      files.set(bucket, file);
      if (!file.write(`${line}\n`)) await new Promise<void>((resolve) => file.once("drain", () => resolve()));
    }
  }
  await Promise.all([...files.values()].map((file) => finished(file.end())));
  return new Set(files.keys());
}
