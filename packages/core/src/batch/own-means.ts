import { text } from "node:stream/consumers";
import { lacking, withRefusedKeys, type Lack, type ProcessMeans } from "./batch-needs.ts";
import { type S3Place } from "./batch-needs-schema.ts";
import type { BatchSpec } from "./batch.ts";
import { isDarkroomError } from "../errors.ts";
import type { OpenStore } from "../delivery/object-store.ts";
import { batchKeys } from "../report/report.ts";
import { protocolMs } from "../protocol-ms.ts";

/** How long a process treats S3 as unavailable after its credentials were rejected, before it tries again. */
export const WITHOUT_S3_MS = protocolMs(30_000);
/** Interval for checking a store under another name again, if the batch was not found there. */
const LOOK_AGAIN_MS = protocolMs(5_000);

interface OwnMeansOptions {
  readonly openStore: OpenStore;
  /** A monotonic clock. Defaults to the process's own. */
  readonly nowMs?: () => number;
}

/** Marks of the keys of one lane. */
export interface UsableKeys {
  /** The current key; undefined without one. */
  readonly own: string | undefined;
  /** Former keys of the same account, as configured by the operator. */
  readonly former: readonly string[];
  /** Keys that the account has always refused. */
  readonly refused: readonly string[];
}

/** The capabilities of this process, as known so far. */
export class OwnMeans {
  readonly #means: ProcessMeans;
  readonly #openStore: OpenStore;
  readonly #nowMs: () => number;
  readonly #proven: S3Place[] = [];
  readonly #looks = new Map<string, { readonly untilMs: number; readonly found: Promise<boolean> }>();
  readonly #refusedKeys = new Map<string, readonly string[]>();
  #withoutS3Until = -Infinity;

  constructor(means: ProcessMeans, { openStore, nowMs = () => performance.now() }: OwnMeansOptions) {
    this.#means = means;
    this.#openStore = openStore;
    this.#nowMs = nowMs;
  }

  get current(): ProcessMeans {
    const isWithout = this.#nowMs() < this.#withoutS3Until;
    return {
      ...withRefusedKeys(this.#means, this.#refusedKeys),
      s3: isWithout ? [] : [...this.#means.s3, ...this.#proven],
    };
  }

  /**
   * Records which keys an account has always refused.
   *
   * @param marks marks of the lane's keys
   */
  noteRefusedKeys(lane: string, marks: readonly string[]): void {
    this.#refusedKeys.set(lane, marks);
  }

  /** Returns the keys whose batches this process may continue in a lane. */
  keysOf(lane: string): UsableKeys {
    const [own, ...former] = this.#means.accounts[lane] ?? [];
    return { own, former, refused: this.#refusedKeys.get(lane) ?? [] };
  }

  /**
   * Returns the requirements of a batch that this process does not meet, according to the errors so far; see {@link
   * prove}.
   */
  lacking(spec: BatchSpec, lane?: string): readonly Lack[] {
    return lacking(spec, this.current, lane);
  }

  /**
   * Checks whether a batch's S3 is the process's own under another name, for example behind a proxy. If so, the process
   * finds the batch's `batch.json` there. May be called concurrently.
   */
  async prove(spec: BatchSpec): Promise<void> {
    const place = spec.needs?.s3;
    if (place === undefined || !spec.destination.url.startsWith("s3:")) return;
    if (!this.lacking(spec).some(({ kind }) => kind === "s3")) return;
    const name = JSON.stringify(place);
    const now = this.#nowMs();
    const known = this.#looks.get(name);
    const look =
      known !== undefined && now < known.untilMs
        ? known
        : { untilMs: now + LOOK_AGAIN_MS, found: holdsBatch(this.#openStore, spec) };
    this.#looks.set(name, look);
    if ((await look.found) && !this.#proven.includes(place)) this.#proven.push(place);
  }

  /**
   * Records an error.
   *
   * @returns true if this process's own settings cause the error, so that another process may handle the batch
   */
  note(error: unknown): boolean {
    if (!isDarkroomError(error, "invalid_settings")) return false;
    this.#withoutS3Until = this.#nowMs() + WITHOUT_S3_MS;
    return true;
  }
}

async function holdsBatch(openStore: OpenStore, { id, createdAt, destination }: BatchSpec): Promise<boolean> {
  try {
    const { body } = await openStore(destination.url).get(batchKeys(id).spec);
    const found = JSON.parse(await text(body)) as Partial<BatchSpec>;
    return found.id === id && found.createdAt === createdAt;
  } catch {
    return false;
  }
}
