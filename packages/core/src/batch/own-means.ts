import { text } from "node:stream/consumers";
import { lacking, type Lack, type ProcessMeans, type S3Place } from "./batch-needs.ts";
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

/** What a process has, as far as it has found out. */
export class OwnMeans {
  readonly #means: ProcessMeans;
  readonly #openStore: OpenStore;
  readonly #nowMs: () => number;
  readonly #proven: S3Place[] = [];
  readonly #looks = new Map<string, { readonly untilMs: number; readonly found: Promise<boolean> }>();
  #withoutS3Until = -Infinity;

  constructor(means: ProcessMeans, { openStore, nowMs = () => performance.now() }: OwnMeansOptions) {
    this.#means = means;
    this.#openStore = openStore;
    this.#nowMs = nowMs;
  }

  get current(): ProcessMeans {
    const isWithout = this.#nowMs() < this.#withoutS3Until;
    return { ...this.#means, s3: isWithout ? [] : [...this.#means.s3, ...this.#proven] };
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
