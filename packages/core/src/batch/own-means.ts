import { text } from "node:stream/consumers";
import { lacking, withRefusedKeys, type Lack, type ProcessMeans, type S3Place } from "./batch-needs.ts";
import type { BatchSpec } from "./batch.ts";
import { isDarkroomError } from "../errors.ts";
import type { OpenStore } from "../delivery/object-store.ts";
import { batchKeys } from "../report/report.ts";
import { protocolMs } from "../protocol-ms.ts";

/** A process takes itself to be without S3 for so long after its credentials were not taken; then it tries again. */
export const WITHOUT_S3_MS = protocolMs(30_000);
/** A store under another name is looked into again after this, where the batch was not found there. */
const LOOK_AGAIN_MS = protocolMs(5_000);

interface OwnMeansOptions {
  readonly openStore: OpenStore;
  /** A monotonic clock. Defaults to the process's own. */
  readonly nowMs?: () => number;
}

/** Marks of keys of one lane. */
export interface UsableKeys {
  /** The present key; undefined without one. */
  readonly own: string | undefined;
  /** Keys of the same account, as the operator says. */
  readonly former: readonly string[];
  /** Keys that the account has refused and never accepted. */
  readonly refused: readonly string[];
}

/** What a process has, as far as it has found out. */
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
   * Takes in which keys an account has refused and never accepted.
   *
   * @param marks of the keys of the lane
   */
  noteRefusedKeys(lane: string, marks: readonly string[]): void {
    this.#refusedKeys.set(lane, marks);
  }

  /** The keys whose orders this process may go on with in a lane. */
  keysOf(lane: string): UsableKeys {
    const [own, ...former] = this.#means.accounts[lane] ?? [];
    return { own, former, refused: this.#refusedKeys.get(lane) ?? [] };
  }

  /** What this process lacks for a batch, as far as it knows now; see {@link prove}. */
  lacking(spec: BatchSpec, lane?: string): readonly Lack[] {
    return lacking(spec, this.current, lane);
  }

  /**
   * Finds out whether a batch in another S3 than this process's is in the same one under another name, as behind a proxy:
   * then its `batch.json` is there. Many may ask at once.
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
   * Takes in what went wrong.
   *
   * @returns true for a fault of this process's own settings: it says nothing of the batch, and another process may do it
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
