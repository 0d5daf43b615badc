import type { Readable } from "node:stream";
import {
  isDarkroomError,
  type GetOptions,
  type GetResult,
  type LinkOptions,
  type ListOptions,
  type ObjectHead,
  type ObjectInfo,
  type ObjectStore,
  type PutOptions,
  type WritingBatch,
} from "@darkroom/core";
import type { WorkerContext } from "../run/worker-context.ts";
import type { Destinations } from "./destinations.ts";

/**
 * Wraps a store that a batch writes to: its destination or its schedule's notes. After a refused write, determines
 * whether the store refuses the key or the whole place. Blocks a refused place: writes to that place throw
 * `DestinationBlocked` until the store accepts writes there again.
 */
class WatchedDestination implements ObjectStore {
  readonly url: string;
  readonly kind: ObjectStore["kind"];
  readonly #store: ObjectStore;
  readonly #destinations: Destinations;
  readonly #batch: WritingBatch;
  readonly #url: string;

  /** @param url the store's URL as written in the batch */
  constructor(store: ObjectStore, destinations: Destinations, batch: WritingBatch, url: string) {
    this.url = store.url;
    this.kind = store.kind;
    this.#store = store;
    this.#destinations = destinations;
    this.#batch = batch;
    this.#url = url;
  }

  checkKey(key: string): void {
    this.#store.checkKey(key);
  }

  async get(key: string, options?: GetOptions): Promise<GetResult> {
    return await this.#watch(key, 0, options?.signal, () => this.#store.get(key, options));
  }

  async head(key: string): Promise<ObjectHead | undefined> {
    return await this.#watch(key, 0, undefined, () => this.#store.head(key));
  }

  async put(key: string, body: Uint8Array | Readable, options: PutOptions = {}): Promise<{ readonly etag: string }> {
    this.#destinations.check(this.#batch, this.#url === this.#batch.destination.url ? key : undefined);
    const sizeBytes = options.sizeBytes ?? (body instanceof Uint8Array ? body.byteLength : 0);
    return await this.#watch(key, sizeBytes, options.signal, () => this.#store.put(key, body, options));
  }

  list(options?: ListOptions): AsyncIterable<ObjectInfo> {
    return this.#store.list(options);
  }

  async delete(key: string): Promise<void> {
    await this.#store.delete(key);
  }

  async link(key: string, options: LinkOptions): Promise<string> {
    return await this.#store.link(key, options);
  }

  async #watch<T>(key: string, sizeBytes: number, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      const isOfStore = isDarkroomError(error) && (error.code.startsWith("storage_") || error.code === "internal");
      // A missing object gives no information about the folder.
      if (isOfStore && !isAbsent(error.code, sizeBytes))
        await this.#destinations.explain(this.#batch, { url: this.#url, key }, sizeBytes, error);
      throw error;
    }
  }
}

/** Opens a store that the batch writes to. */
export function watched(
  { openStore, destinations }: Pick<WorkerContext, "openStore" | "destinations">,
  batch: WritingBatch,
  url: string,
): ObjectStore {
  return new WatchedDestination(openStore(url), destinations, batch, url);
}

function isAbsent(code: string, sizeBytes: number): boolean {
  return code === "storage_not_found" && sizeBytes === 0;
}
