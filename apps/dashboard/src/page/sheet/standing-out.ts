import { signal, type ReadonlySignal } from "@preact/signals";
import type { BatchStatus, Consistency } from "../api/types.ts";
import { getJson } from "../api/client.ts";

/** Portrait → why it stands out from its team, largest difference first. */
export type StandingOut = ReadonlyMap<number, readonly string[]>;

const NONE: StandingOut = new Map();

/** Reads which portraits stand out, once the batch knows. A new round of the batch changes it. */
export class StandingOutReader {
  readonly #id: string;
  readonly #portraits = signal(NONE);
  #read = "";
  readonly #abort = new AbortController();

  constructor(id: string) {
    this.#id = id;
  }

  get portraits(): ReadonlySignal<StandingOut> {
    return this.#portraits;
  }

  follow({ endedAt, consistency }: Pick<BatchStatus, "endedAt" | "consistency">): void {
    const now = `${endedAt} ${consistency?.review}`;
    if (now === this.#read) return;
    this.#read = now;
    if (consistency === null || consistency.review === 0) this.#portraits.value = NONE;
    else void this.#load();
  }

  stop(): void {
    this.#abort.abort();
  }

  async #load(): Promise<void> {
    const path = `/v1/batches/${encodeURIComponent(this.#id)}/consistency`;
    try {
      const { portraits } = await getJson<Consistency>(path, this.#abort.signal);
      this.#portraits.value = new Map(portraits.map(({ index, reasons }) => [index, reasons]));
    } catch {
      // The reasons are an addition; the next change of the batch reads them again.
      this.#read = "";
    }
  }
}
