import {
  batchKeys,
  DarkroomError,
  fingerprint,
  isBatchId,
  isDarkroomError,
  isRejected,
  recipeFor,
  recipeOfPortrait,
  RESULT_METADATA,
  type GetResult,
  type ObjectHead,
  type ObjectStore,
  type PortraitRow,
  type PortraitState,
  type SourceIdentity,
} from "@darkroom/core";
import { findPhoto } from "@darkroom/manifest";
import type { BatchRecord } from "@darkroom/ledger";
import type { Services } from "../services.ts";

/** The picture of a portrait: its photo, or the enhanced result. */
export type Side = "source" | "result";

/** Formats that browsers display and that cannot contain scripts. */
const SHOWN_TYPES = ["image/jpeg", "image/png", "image/webp", "image/avif", "image/gif"];

const UNKNOWN_FORMAT = "browsers do not show its format";

const SHA256 = /^[0-9a-f]{64}$/;

type Needs = Pick<Services, "ledger" | "openStore" | "snapshot">;

/**
 * Finds the pictures of one portrait. Shows a picture only if it certainly belongs to this portrait: another batch may
 * have replaced the result, and another person's photo may have replaced the photo.
 */
export class ShownPictures {
  readonly #services: Needs;
  readonly #record: BatchRecord;
  readonly #row: PortraitRow;
  readonly #state: PortraitState;

  private constructor(services: Needs, record: BatchRecord, row: PortraitRow, state: PortraitState) {
    this.#services = services;
    this.#record = record;
    this.#row = row;
    this.#state = state;
  }

  /** @throws DarkroomError `not_found` for a portrait that the batch does not have */
  static async of(services: Needs, record: BatchRecord, index: number): Promise<ShownPictures> {
    const { id, destination } = record.spec;
    if (index >= record.counts.total) throw noPicture(`this batch has no portrait ${index}`);
    const [row, state] = await Promise.all([
      services.snapshot.row(services.openStore(destination.url), id, index, record.fence),
      services.ledger.state(id, index),
    ]);
    if (isRejected(row)) throw noPicture("the row was not accepted");
    return new ShownPictures(services, record, row, state);
  }

  /**
   * Reads the photo or the result itself. For a photo in a format that browsers do not show, reads the preview that the
   * worker stored with the result.
   *
   * @throws DarkroomError `not_found`, with the reason
   */
  async picture(side: Side): Promise<GetResult> {
    if (side === "result") return shown(await this.#result());
    const photo = await this.#source();
    if (isShown(photo)) return photo;
    photo.body.destroy();
    return await this.thumbnail("source").catch(() => {
      throw noPicture(UNKNOWN_FORMAT);
    });
  }

  /**
   * Reads a thumbnail. Thumbnails are stored under the digest of their result, so one never belongs to another result.
   */
  async thumbnail(side: Side): Promise<GetResult> {
    const head = await this.resultHead();
    const { [RESULT_METADATA.batch]: batch = "", [RESULT_METADATA.sha256]: digest = "" } = head?.metadata ?? {};
    // Anyone who may write to the destination may write these marks.
    if (head === undefined || !isBatchId(batch) || !SHA256.test(digest)) throw noPicture("there is no result");
    return shown(await get(this.#destination, batchKeys(batch).thumbnail(digest, side)));
  }

  /**
   * Returns where the photo or the result is.
   *
   * @throws DarkroomError `not_found`, with the reason
   */
  async place(side: Side): Promise<{ readonly store: ObjectStore; readonly key: string }> {
    const found = await (side === "source" ? this.#source() : this.#result());
    found.body.destroy();
    if (side === "result") return { store: this.#destination, key: this.#row.destination };
    const place = await findPhoto(this.#services.openStore, this.#record.spec.source, this.#row);
    if (place instanceof URL) throw noPicture("the photo is on the web");
    return place;
  }

  get #destination(): ObjectStore {
    return this.#services.openStore(this.#record.spec.destination.url);
  }

  async #source(): Promise<GetResult> {
    const place = await findPhoto(this.#services.openStore, this.#record.spec.source, this.#row);
    if (place instanceof URL) throw noPicture("the photo is on the web");
    const [result, found] = await Promise.all([this.resultHead(), get(place.store, place.key)]);
    const isListed = this.#row.etag === undefined || this.#row.etag === found.info.etag;
    if (isListed && (result === undefined || this.#isMadeFrom(result, found.info))) return found;
    found.body.destroy();
    throw noPicture("another photo has taken its place");
  }

  /** The portrait's row in the batch's snapshot. */
  get row(): PortraitRow {
    return this.#row;
  }

  async #result(): Promise<GetResult> {
    if ((await this.resultHead()) === undefined) throw noPicture("there is no result of this portrait");
    const found = await get(this.#destination, this.#row.destination);
    if (this.#isOwn(found.info)) return found;
    found.body.destroy();
    throw noPicture("another result has just taken its place");
  }

  /** Returns the head of the portrait's result; undefined without one, and if another result has replaced it. */
  async resultHead(): Promise<ObjectHead | undefined> {
    if (this.#state !== "succeeded" && this.#state !== "skipped") return undefined;
    const head = await this.#destination.head(this.#row.destination);
    return head !== undefined && this.#isOwn(head) ? head : undefined;
  }

  /** A batch has one portrait per key, so its own mark is sufficient. An older result is identified by its photo. */
  #isOwn(result: ObjectHead): boolean {
    if (this.#state === "succeeded") return result.metadata[RESULT_METADATA.batch] === this.#record.spec.id;
    const { etag, sizeBytes } = this.#row;
    return etag !== undefined && sizeBytes !== undefined && this.#isMadeFrom(result, { etag, sizeBytes });
  }

  #isMadeFrom({ metadata }: ObjectHead, photo: SourceIdentity): boolean {
    const { spec, rounds } = this.#record;
    const isOwnBatch = metadata[RESULT_METADATA.batch] === spec.id;
    const round = isOwnBatch ? Number(metadata[RESULT_METADATA.round] ?? 0) : 0;
    const recipe = recipeFor(recipeOfPortrait(spec.recipe, rounds, round), this.#row);
    const print = fingerprint(photo, recipe, this.#row.profileIds);
    return metadata[RESULT_METADATA.fingerprint] === print || metadata[RESULT_METADATA.ordered] === print;
  }
}

/** @throws DarkroomError `not_found` if there is no such object */
async function get(store: ObjectStore, key: string): Promise<GetResult> {
  return await store.get(key).catch((error: unknown) => {
    if (isDarkroomError(error, "storage_not_found")) throw noPicture("it does not exist");
    throw error;
  });
}

function isShown({ info }: GetResult): boolean {
  return SHOWN_TYPES.includes(info.contentType ?? "");
}

/** @throws DarkroomError `not_found` for a format that may not be shown */
function shown(picture: GetResult): GetResult {
  if (isShown(picture)) return picture;
  picture.body.destroy();
  throw noPicture(UNKNOWN_FORMAT);
}

function noPicture(why: string): DarkroomError {
  return new DarkroomError("not_found", `There is no picture to show: ${why}.`);
}
