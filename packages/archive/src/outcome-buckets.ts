import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { finished } from "node:stream/promises";
import {
  batchKeys,
  isForgotten,
  isNewer,
  type DarkroomError,
  type ObjectStore,
  type OutcomeLine,
  type Round,
} from "@darkroom/core";
import type { DaySums } from "./day-sums.ts";
import { readReportPart, ReportPartDamaged } from "./report-part.ts";

/** Portraits per bucket in memory. A multiple of a snapshot part. */
export const BUCKET_PORTRAITS = 50_000;

/**
 * The outcome lines of a batch's report parts, by portrait. Lines are sorted into buckets on disk and read one bucket
 * at a time, so memory use is constant.
 */
export class OutcomeBuckets {
  readonly #folder: string;
  readonly #known: ReadonlySet<number>;
  readonly #rounds: readonly Round[];
  /** The bucket that was read last. Most batches have only one, which a report reads several times. */
  #last: { readonly bucket: number; readonly latest: ReadonlyMap<number, OutcomeLine> } | undefined;
  /** Number of report parts. */
  readonly parts: number;

  private constructor(folder: string, rounds: readonly Round[], { known, parts }: Sorted) {
    this.#folder = folder;
    this.#rounds = rounds;
    this.#known = known;
    this.parts = parts;
  }

  /**
   * Sorts a batch's report parts into buckets that exist while `use` runs.
   *
   * @param leaveOut called for each damaged part, which is then ignored; if omitted, a damaged part throws
   */
  static async use<T>(
    store: ObjectStore,
    batchId: string,
    rounds: readonly Round[],
    use: (buckets: OutcomeBuckets) => Promise<T>,
    leaveOut?: (damaged: DarkroomError) => void,
  ): Promise<T> {
    const folder = await mkdtemp(join(tmpdir(), "darkroom-outcomes-"));
    try {
      return await use(new OutcomeBuckets(folder, rounds, await sortInto(folder, store, batchId, leaveOut)));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Numbers of the non-empty buckets, ascending. */
  get numbers(): readonly number[] {
    return [...this.#known].sort((a, b) => a - b);
  }

  /** Returns the latest outcome of each portrait in a bucket, up to the latest round in the ledger. */
  async read(bucket: number): Promise<ReadonlyMap<number, OutcomeLine>> {
    if (this.#last?.bucket === bucket) return this.#last.latest;
    // Only one bucket at a time is in memory.
    this.#last = undefined;
    const latest = new Map<number, OutcomeLine>();
    for (const line of (await this.#ofEachRound(bucket)).values()) {
      if (isForgotten(line, this.#rounds)) continue;
      const before = latest.get(line.index);
      if (before === undefined || isNewer(line, before)) latest.set(line.index, line);
    }
    this.#last = { bucket, latest };
    return latest;
  }

  /**
   * Adds the costs of a bucket's portraits over all rounds.
   *
   * @returns the number of portraits that may have been billed without an answer
   */
  async addSpent(bucket: number, to: DaySums): Promise<number> {
    let maybeBilled = 0;
    for (const line of (await this.#ofEachRound(bucket)).values()) {
      to.add(line);
      if (line.billed === "maybe") maybeBilled += 1;
    }
    return maybeBilled;
  }

  /** Two producers that drained at once may have written a line into two parts. Such a line counts once per round. */
  async #ofEachRound(bucket: number): Promise<ReadonlyMap<string, OutcomeLine>> {
    const lines = new Map<string, OutcomeLine>();
    if (!this.#known.has(bucket)) return lines;
    const input = createReadStream(bucketFile(this.#folder, bucket));
    for await (const text of createInterface({ input, crlfDelay: Infinity })) {
      const line = JSON.parse(text) as OutcomeLine;
      const key = `${line.index}/${line.round ?? 0}`;
      const before = lines.get(key);
      if (before === undefined || isNewer(line, before)) lines.set(key, line);
    }
    return lines;
  }
}

/** Returns the bucket of a portrait. */
export function bucketOf(index: number): number {
  return Math.floor(index / BUCKET_PORTRAITS);
}

function bucketFile(folder: string, bucket: number): string {
  return join(folder, `${bucket}.jsonl`);
}

interface Sorted {
  readonly known: ReadonlySet<number>;
  readonly parts: number;
}

async function sortInto(
  folder: string,
  store: ObjectStore,
  batchId: string,
  leaveOut?: (damaged: DarkroomError) => void,
): Promise<Sorted> {
  let parts = 0;
  const files = new Map<number, ReturnType<typeof createWriteStream>>();
  for await (const { key } of store.list({ prefix: batchKeys(batchId).reportPrefix })) {
    parts += 1;
    const lines = await readReportPart(store, batchId, key).catch((error: unknown) => {
      if (leaveOut === undefined || !(error instanceof ReportPartDamaged)) throw error;
      leaveOut(error);
      return [];
    });
    for (const { text, line } of lines) {
      const bucket = bucketOf(line.index);
      const file = files.get(bucket) ?? createWriteStream(bucketFile(folder, bucket));
      files.set(bucket, file);
      if (!file.write(`${text}\n`)) await new Promise<void>((resolve) => file.once("drain", () => resolve()));
    }
  }
  await Promise.all([...files.values()].map((file) => finished(file.end())));
  return { known: new Set(files.keys()), parts };
}
