import { signal, type ReadonlySignal } from "@preact/signals";
import { ApiError, call, getJson } from "../api/client.ts";
import { queryOf, setQuery } from "../ui/router.tsx";
import type { DroppedFile } from "./dropped-files.ts";

/** Number of photos that are sent at once. */
const AT_ONCE = 4;
/** Waits between the tries of a photo that the network lost, in milliseconds. */
const TRIES_AFTER_MS = [1_000, 4_000];
const QUERY = "upload";

export interface Upload {
  readonly id: string;
  readonly source: string;
  readonly destination: string;
  readonly expiresAt: string;
  readonly maxPhotoBytes: number;
  readonly photos: readonly { readonly path: string; readonly sizeBytes: number }[];
}

export interface FailedFile extends DroppedFile {
  readonly message: string;
  /** True if another try may succeed. */
  readonly retryable: boolean;
}

/** The state of an uploader for display. */
export interface UploadState {
  readonly upload: Upload | undefined;
  /** Path → bytes of the photos that have arrived. */
  readonly sent: ReadonlyMap<string, number>;
  readonly waiting: number;
  readonly failed: readonly FailedFile[];
}

const NOTHING: UploadState = { upload: undefined, sent: new Map(), waiting: 0, failed: [] };

/**
 * Sends photos to the server. The address names the upload, so that after a reload only the missing photos are sent
 * again.
 */
export class Uploader {
  readonly #state = signal(NOTHING);
  readonly #queue: DroppedFile[] = [];
  readonly #abort = new AbortController();
  #beginning: Promise<Upload> | undefined;
  #running = 0;

  get state(): ReadonlySignal<UploadState> {
    return this.#state;
  }

  /** Reads the upload that the address names. */
  async resume(): Promise<void> {
    const id = queryOf(QUERY);
    if (id === null) return;
    try {
      this.#show(await getJson<Upload>(`/v1/uploads/${encodeURIComponent(id)}`, this.#abort.signal));
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) setQuery(QUERY, undefined);
      else throw error;
    }
  }

  /** @throws ApiError if the server accepts no photos */
  async add(files: readonly DroppedFile[]): Promise<void> {
    const { sent, failed } = this.#state.value;
    const missing = files.filter(({ path, file }) => sent.get(path) !== file.size);
    const again = new Set(missing.map(({ path }) => path));
    this.#change({
      failed: failed.filter(({ path }) => !again.has(path)),
      waiting: this.#state.value.waiting + missing.length,
    });
    try {
      await this.#begun();
    } catch (error) {
      this.#change({ waiting: this.#state.value.waiting - missing.length });
      throw error;
    }
    this.#queue.push(...missing);
    while (this.#running < AT_ONCE && this.#queue.length > 0) void this.#work();
  }

  async retryFailed(): Promise<void> {
    await this.add(this.#state.value.failed.filter(({ retryable }) => retryable));
  }

  async remove(path: string): Promise<void> {
    const { upload, sent } = this.#state.value;
    if (upload === undefined) return;
    await call("DELETE", photoUrl(upload, path));
    this.#change({ sent: new Map([...sent].filter(([each]) => each !== path)) });
  }

  stop(): void {
    this.#queue.length = 0;
    this.#abort.abort();
  }

  async #begun(): Promise<Upload> {
    const { upload } = this.#state.value;
    if (upload !== undefined) return upload;
    this.#beginning ??= (async () => (await (await call("POST", "/v1/uploads")).json()) as Upload)();
    try {
      const begun = await this.#beginning;
      if (this.#state.value.upload === undefined) this.#show(begun);
      return begun;
    } catch (error) {
      this.#beginning = undefined;
      throw error;
    }
  }

  #show(upload: Upload): void {
    setQuery(QUERY, upload.id);
    this.#change({ upload, sent: new Map(upload.photos.map(({ path, sizeBytes }) => [path, sizeBytes])) });
  }

  async #work(): Promise<void> {
    this.#running += 1;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      const fault = await this.#send(next);
      if (this.#abort.signal.aborted) break;
      const { sent, failed, waiting } = this.#state.value;
      this.#change(
        fault === undefined
          ? { waiting: waiting - 1, sent: new Map(sent).set(next.path, next.file.size) }
          : { waiting: waiting - 1, failed: [...failed, { ...next, ...fault }] },
      );
    }
    this.#running -= 1;
  }

  async #send({ path, file }: DroppedFile): Promise<Pick<FailedFile, "message" | "retryable"> | undefined> {
    const { upload } = this.#state.value;
    if (upload === undefined) return undefined;
    if (file.size > upload.maxPhotoBytes) {
      return {
        message: `The photo is larger than ${Math.floor(upload.maxPhotoBytes / 1_048_576)} MiB.`,
        retryable: false,
      };
    }
    for (let tries = 0; ; tries += 1) {
      try {
        await call("PUT", photoUrl(upload, path), { file, signal: this.#abort.signal });
        return undefined;
      } catch (error) {
        if (!(error instanceof ApiError)) return { message: String(error), retryable: true };
        const isTransient = error.status === 0 || error.status === 429 || error.status >= 500;
        const waitMs = TRIES_AFTER_MS[tries];
        if (!isTransient || waitMs === undefined) return { message: error.message, retryable: isTransient };
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    }
  }

  #change(part: Partial<UploadState>): void {
    this.#state.value = { ...this.#state.value, ...part };
  }
}

function photoUrl({ id }: Upload, path: string): string {
  return `/v1/uploads/${encodeURIComponent(id)}/photos?${new URLSearchParams({ path }).toString()}`;
}
