import { signal, type ReadonlySignal } from "@preact/signals";
import { getJson } from "../api/client.ts";
import type { Portrait } from "../api/types.ts";
import type { StatesMap } from "./states-map.ts";

/** Number of portraits per request. */
const AT_ONCE = 100;
/** Number of cached portraits. The oldest are evicted first. */
const KEPT = 5_000;
/** Time without scrolling before the view reads its portraits, in ms. */
const SETTLE_MS = 60;

/** Caches the portraits of the sheet, which are read when they scroll into view. */
export class PortraitCache {
  readonly #id: string;
  readonly #portraits = new Map<number, Portrait>();
  readonly #changed = signal(0);
  #abort = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(id: string) {
    this.#id = id;
  }

  /** Changes whenever a portrait was read. */
  get version(): ReadonlySignal<number> {
    return this.#changed;
  }

  get(index: number): Portrait | undefined {
    return this.#portraits.get(index);
  }

  /** Reads portraits that are missing, or whose state or decision differs from the map. Aborts earlier reads. */
  want(indexes: readonly number[], states: Pick<StatesMap, "stateAt" | "reviewAt">): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const missing = indexes.filter((index) => {
        const known = this.#portraits.get(index);
        return known?.state !== states.stateAt(index) || known.review?.state !== states.reviewAt(index);
      });
      this.#abort.abort();
      this.#abort = new AbortController();
      void this.#read(missing, this.#abort.signal);
    }, SETTLE_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#abort.abort();
  }

  async #read(indexes: readonly number[], abort: AbortSignal): Promise<void> {
    for (let start = 0; start < indexes.length && !abort.aborted; start += AT_ONCE) {
      const some = indexes.slice(start, start + AT_ONCE).join(",");
      try {
        const { portraits } = await getJson<{ readonly portraits: readonly Portrait[] }>(
          `/v1/batches/${encodeURIComponent(this.#id)}/portraits?indexes=${some}`,
          abort,
        );
        for (const portrait of portraits) this.#keep(portrait);
        this.#changed.value++;
      } catch {
        return;
      }
    }
  }

  #keep(portrait: Portrait): void {
    this.#portraits.delete(portrait.index);
    this.#portraits.set(portrait.index, portrait);
    const [oldest] = this.#portraits.keys();
    if (this.#portraits.size > KEPT && oldest !== undefined) this.#portraits.delete(oldest);
  }
}
