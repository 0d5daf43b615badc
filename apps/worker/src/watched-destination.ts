import type { Readable } from "node:stream";
import {
  isDarkroomError,
  type BatchSpec,
  type GetOptions,
  type GetResult,
  type LinkOptions,
  type ListOptions,
  type ObjectHead,
  type ObjectInfo,
  type ObjectStore,
  type PutOptions,
} from "@darkroom/core";
import type { Destinations } from "./destinations.ts";

/**
 * A batch's destination whose refusals are looked into: one of the place, and not of a single key, blocks it and is thrown
 * as `DestinationBlocked`. Nothing is written to a place that is known to be blocked.
 */
export class WatchedDestination implements ObjectStore {
  readonly url: string;
  readonly kind: ObjectStore["kind"];
  readonly #store: ObjectStore;
  readonly #destinations: Destinations;
  readonly #batch: Pick<BatchSpec, "id" | "destination">;

  constructor(store: ObjectStore, destinations: Destinations, batch: Pick<BatchSpec, "id" | "destination">) {
    this.url = store.url;
    this.kind = store.kind;
    this.#store = store;
    this.#destinations = destinations;
    this.#batch = batch;
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
    this.#destinations.check(this.#batch, key);
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
      // What is not there, and a name that no store takes, say nothing of the place.
      if (isOfStore && !isAbsent(error.code, sizeBytes))
        await this.#destinations.explain(this.#batch, key, sizeBytes, error);
      throw error;
    }
  }
}

function isAbsent(code: string, sizeBytes: number): boolean {
  return code === "storage_not_found" && sizeBytes === 0;
}
