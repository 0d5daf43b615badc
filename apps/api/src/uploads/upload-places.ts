import { DarkroomError, type BatchSource, type ObjectStore, type OpenStore } from "@darkroom/core";
import { joinUrl } from "@darkroom/storage";
import { parseName, type Upload } from "./upload-book.ts";

/** The places of uploads in the store of `DARKROOM_UPLOADS`: `<tenant>/<id>/photos/` and `<tenant>/<id>/results/`. */
export class UploadPlaces {
  readonly #openStore: OpenStore;
  readonly #url: string | undefined;

  /** @param url `DARKROOM_UPLOADS` */
  constructor(openStore: OpenStore, url: string | undefined) {
    this.#openStore = openStore;
    this.#url = url;
  }

  /** @throws DarkroomError `conflict` without `DARKROOM_UPLOADS` */
  #root(): ObjectStore {
    if (this.#url !== undefined) return this.#openStore(this.#url);
    throw new DarkroomError(
      "conflict",
      "This server has no place for uploaded photos. Its operator sets one with DARKROOM_UPLOADS.",
    );
  }

  /** Returns the URL of the photos, with a trailing slash. */
  photos(upload: Upload): string {
    return `${joinUrl(this.#root().url, `${upload.tenant}/${upload.id}/photos`)}/`;
  }

  /** Returns the default URL for the results. */
  results(upload: Upload): string {
    return `${joinUrl(this.#root().url, `${upload.tenant}/${upload.id}/results`)}/`;
  }

  store(upload: Upload): ObjectStore {
    return this.#openStore(this.photos(upload));
  }

  /**
   * Classifies a store's URL: an upload's photos, another place among the uploads, a place that contains all uploads,
   * or a place elsewhere.
   */
  read(url: string): Upload | "other" | "around" | undefined {
    if (this.#url === undefined) return undefined;
    const { url: base } = this.#root();
    const { url: place } = this.#openStore(url);
    if (base !== place && base.startsWith(place)) return "around";
    if (!place.startsWith(base)) return undefined;
    const [name = "", rest] = place.slice(base.length).split("/photos/");
    return rest === undefined ? "other" : (parseName(name) ?? "other");
  }

  /** Returns the upload that a batch reads. */
  ofSource(source: BatchSource): Upload | undefined {
    const url = source.kind === "prefix" ? source.url : source.baseUrl;
    const found = url === undefined ? undefined : this.read(url);
    return typeof found === "object" ? found : undefined;
  }

  /** Deletes all photos of an upload. */
  async deletePhotos(upload: Upload): Promise<void> {
    // Deleted from the root, so that no empty folder remains.
    const store = this.#root();
    if (store.isThere !== undefined && !(await store.isThere())) return;
    const keys: string[] = [];
    for await (const { key } of store.list({ prefix: `${upload.tenant}/${upload.id}/photos/` })) keys.push(key);
    for (const key of keys) await store.delete(key);
  }
}
