import { Readable } from "node:stream";
import type {
  GetOptions,
  GetResult,
  LinkOptions,
  ListOptions,
  ObjectHead,
  ObjectInfo,
  ObjectStore,
  PutOptions,
} from "@darkroom/core";
import { checkKey } from "./object-key.ts";
import type { S3Location } from "./urls.ts";

/**
 * An S3 store that loads the AWS SDK at its first request. Loading takes a tenth of a start, and most processes use
 * only local folders.
 */
export class S3StoreOnDemand implements ObjectStore {
  readonly url: string;
  readonly kind = "s3";
  readonly #prefix: string;
  readonly #open: () => Promise<ObjectStore>;
  #opened: Promise<ObjectStore> | undefined;

  /** @param open opens the store; called once */
  constructor({ url, prefix }: S3Location, open: () => Promise<ObjectStore>) {
    this.url = url;
    this.#prefix = prefix;
    this.#open = open;
  }

  checkKey(key: string): void {
    checkKey(key, Buffer.byteLength(this.#prefix));
  }

  async get(key: string, options?: GetOptions): Promise<GetResult> {
    return await (await this.#store()).get(key, options);
  }

  async head(key: string): Promise<ObjectHead | undefined> {
    return await (await this.#store()).head(key);
  }

  async put(key: string, body: Uint8Array | Readable, options?: PutOptions): Promise<{ readonly etag: string }> {
    // If a body fails while the SDK is being loaded, the put fails with the body's error.
    if (body instanceof Readable) body.once("error", () => undefined);
    const store = await this.#store();
    if (body instanceof Readable && body.errored !== null) throw body.errored;
    return await store.put(key, body, options);
  }

  async *list(options?: ListOptions): AsyncGenerator<ObjectInfo> {
    yield* (await this.#store()).list(options);
  }

  async delete(key: string): Promise<void> {
    await (await this.#store()).delete(key);
  }

  async link(key: string, options: LinkOptions): Promise<string> {
    return await (await this.#store()).link(key, options);
  }

  #store(): Promise<ObjectStore> {
    return (this.#opened ??= this.#open());
  }
}
