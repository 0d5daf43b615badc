import { createHash } from "node:crypto";
import { buffer } from "node:stream/consumers";
import {
  DarkroomError,
  DELIVERED_LINE,
  finalAction,
  finalKey,
  isDarkroomError,
  isRejected,
  messageOf,
  RESULT_METADATA,
  resultMark,
  whatIsAtFinalKey,
  type ObjectHead,
  type ObjectStore,
  type PortraitRow,
} from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import { cutsOf, isCutOf } from "../portraits/result-files.ts";
import { ShownPictures } from "../portraits/shown-pictures.ts";
import type { Services } from "../services.ts";
import { readReviews, type KnownReview } from "./read-reviews.ts";

/** Portraits handled by one request. */
const MOST_PORTRAITS = 50;
/** Portraits handled at once. Each holds one picture in memory. */
const AT_ONCE = 4;
/** Portraits whose decisions are read at once. */
const CHUNK = 8_192;

/** A person's order to hand over what is approved. */
export interface FinalOrder {
  readonly target: ObjectStore;
  /** Undefined for the results' own keys. */
  readonly template: string | undefined;
  /** Where the previous request ended. */
  readonly cursor: number;
}

/** What became of a portrait. */
type Ended = "delivered" | "unchanged" | "removed" | "none";

export interface FinalDelivery {
  /** Portraits of which at least one file was copied. */
  readonly delivered: number;
  /** Portraits whose copies were there already. */
  readonly unchanged: number;
  /** Portraits whose earlier copies were removed, because they are no longer approved. */
  readonly removed: number;
  readonly problems: readonly { readonly index: number; readonly id: string | null; readonly message: string }[];
  /** Undefined at the end. */
  readonly nextCursor: number | undefined;
}

/**
 * Makes the final place hold the approved results, with their cuts, and no result that was approved earlier and is not
 * now. Can be repeated at any time with the same end: a copy is known by its content.
 */
export async function deliverApproved(
  services: Services,
  record: BatchRecord,
  order: FinalOrder,
): Promise<FinalDelivery> {
  const { indexes, nextCursor } = await decidedFrom(services, record, order.cursor);
  const counts = { delivered: 0, unchanged: 0, removed: 0, none: 0 };
  const problems: { index: number; id: string | null; message: string }[] = [];
  const keys = new Map<string, number>();
  for (let at = 0; at < indexes.length; at += AT_ONCE) {
    const some = indexes.slice(at, at + AT_ONCE);
    const reviews = await readReviews(services, record, some);
    const finals = await Promise.all(
      some.map((index) => new FinalPortrait(services, record, order, index).findNames()),
    );
    for (const portrait of finals) portrait.claimNames(keys);
    await Promise.all(
      finals.map(async (portrait, place) => {
        const told = await portrait.bring(reviews[place] as KnownReview);
        counts[told.ended]++;
        problems.push(...told.messages.map((message) => ({ index: portrait.index, id: portrait.id, message })));
      }),
    );
  }
  const { delivered, unchanged, removed } = counts;
  return { delivered, unchanged, removed, problems, nextCursor };
}

/** Returns the next portraits with a result that somebody has decided about. */
async function decidedFrom(
  { ledger }: Pick<Services, "ledger">,
  { spec, counts }: BatchRecord,
  cursor: number,
): Promise<{ readonly indexes: readonly number[]; readonly nextCursor: number | undefined }> {
  const found: number[] = [];
  for (let start = cursor - (cursor % 2); start < counts.total; start += CHUNK) {
    const length = Math.min(CHUNK, counts.total - start);
    const standings = await ledger.reviews.range(spec.id, start, length);
    for (const [offset, standing] of standings.entries()) {
      const index = start + offset;
      if (index < cursor || finalAction(standing) === "none") continue;
      if (found.length >= MOST_PORTRAITS) return { indexes: found, nextCursor: index };
      found.push(index);
    }
  }
  return { indexes: found, nextCursor: undefined };
}

interface Told {
  readonly ended: Ended;
  readonly messages: readonly string[];
}

/** A file at the final place: the main picture, or a cut of it. */
interface FinalFile {
  readonly from: string;
  readonly to: string;
  readonly part?: string;
}

/** One portrait at the final place. */
class FinalPortrait {
  readonly index: number;
  readonly #services: Services;
  readonly #record: BatchRecord;
  readonly #order: FinalOrder;
  #row: PortraitRow | undefined;
  #files: readonly FinalFile[] = [];
  #unnamed: string | undefined;

  constructor(services: Services, record: BatchRecord, order: FinalOrder, index: number) {
    this.#services = services;
    this.#record = record;
    this.#order = order;
    this.index = index;
  }

  get id(): string | null {
    return this.#row?.id ?? null;
  }

  get #source(): ObjectStore {
    return this.#services.openStore(this.#record.spec.destination.url);
  }

  /** Finds the names of the portrait's files. */
  async findNames(): Promise<this> {
    const { spec, fence } = this.#record;
    const row = await this.#services.snapshot.row(this.#source, spec.id, this.index, fence);
    if (isRejected(row)) return this;
    this.#row = row;
    try {
      const main = finalKey(this.#order.template, row);
      const head = await this.#source.head(row.destination);
      const renamed = cutsOf(this.#record, { ...row, destination: main }, head);
      const cuts = cutsOf(this.#record, row, head).map(({ key, part }, place) => ({
        from: key,
        to: renamed[place]?.key ?? key,
        part,
      }));
      this.#files = [{ from: row.destination, to: main }, ...cuts];
    } catch (error) {
      if (!isDarkroomError(error, "invalid_input")) throw error;
      this.#unnamed = messageOf(error);
    }
    return this;
  }

  /** Adds its names to those of the portraits before it. The first portrait of a name keeps it. */
  claimNames(keys: Map<string, number>): void {
    const other = this.#files.map(({ to }) => keys.get(to)).find((index) => index !== undefined);
    if (other !== undefined) this.#unnamed = `${this.#files[0]?.to ?? ""} is also the name of portrait ${other}`;
    else for (const { to } of this.#files) keys.set(to, this.index);
  }

  /** Copies what is approved, or removes an earlier copy. */
  async bring({ standing, effective }: KnownReview): Promise<Told> {
    const action = finalAction(standing);
    if (action === "none") return { ended: "none", messages: [] };
    if (this.#unnamed !== undefined) return { ended: "none", messages: action === "copy" ? [this.#unnamed] : [] };
    if (action === "remove") return { ended: (await this.#remove()) ? "removed" : "none", messages: [] };
    const mark = effective?.results.find(({ index }) => index === this.index)?.mark;
    const pictures = await ShownPictures.of(this.#services, this.#record, this.index);
    const head = await pictures.resultHead();
    if (head === undefined || resultMark(head) !== mark) return { ended: "none", messages: [REPLACED] };
    const messages: string[] = [];
    let copied = 0;
    for (const file of this.#files) {
      const told = await this.#copy(file, { main: head, mark, line: standing.line });
      if (told === "copied") copied += 1;
      else if (told !== undefined) messages.push(told);
    }
    // A decision that came while the files were copied.
    const [now] = await this.#services.ledger.reviews.standings(this.#record.spec.id, [this.index]);
    if (now?.state !== "approved") return { ended: (await this.#remove()) ? "removed" : "none", messages: [] };
    return { ended: copied > 0 ? "delivered" : messages.length > 0 ? "none" : "unchanged", messages };
  }

  /** @returns `copied`, undefined if the copy is there already, or why it is not copied */
  async #copy(
    { from, to, part }: FinalFile,
    { main, mark, line }: { readonly main: ObjectHead; readonly mark: string; readonly line: number },
  ): Promise<string | undefined> {
    const source = part === undefined ? main : await this.#source.head(from);
    if (source === undefined || (part !== undefined && !isCutOf(source, main, part))) {
      return `its cut ${part ?? ""} is not there: ${from}`;
    }
    const { batchId, index } = { batchId: this.#record.spec.id, index: this.index };
    const given = source.metadata[RESULT_METADATA.sha256];
    const own = { batchId, index, ...(part === undefined ? {} : { part }) };
    const there = await this.#order.target.head(to);
    const what = whatIsAtFinalKey(there, { ...own, ...(given === undefined ? {} : { digest: given }) });
    if (what === "others") return `${to} already exists, and is not a copy of this portrait; nothing was replaced`;
    if (what === "same" && given !== undefined) return undefined;
    const { info, body } = await this.#source.get(from);
    const bytes = await buffer(body);
    const digest = createHash("sha256").update(bytes).digest("hex");
    const isIntact = given === undefined ? info.etag === source.etag : digest === given;
    if (!isIntact || (part === undefined && !isMarked(info, mark))) return REPLACED;
    await this.#order.target.put(to, bytes, {
      sizeBytes: bytes.length,
      ...(info.contentType === undefined ? {} : { contentType: info.contentType }),
      metadata: {
        [DELIVERED_LINE]: String(line),
        [RESULT_METADATA.batch]: batchId,
        [RESULT_METADATA.portrait]: String(index),
        [RESULT_METADATA.sha256]: given ?? digest,
        ...(part === undefined ? {} : { [RESULT_METADATA.part]: part }),
      },
    });
    return "copied";
  }

  /** @returns true if there was a copy of this portrait */
  async #remove(): Promise<boolean> {
    let removed = false;
    for (const { to, part } of this.#files) {
      const own = { batchId: this.#record.spec.id, index: this.index, ...(part === undefined ? {} : { part }) };
      const what = whatIsAtFinalKey(await this.#order.target.head(to), own);
      if (what !== "same" && what !== "earlier") continue;
      await this.#order.target.delete(to);
      removed = true;
    }
    return removed;
  }
}

const REPLACED = "its result is not the one that was approved any more; look again";

function isMarked(head: ObjectHead, mark: string): boolean {
  return resultMark(head) === mark;
}

/** @throws DarkroomError `invalid_input` for a place where results are */
export function checkFinalPlace(url: string, { spec }: Pick<BatchRecord, "spec">): void {
  const isSource = spec.source.kind === "prefix" && spec.source.url === url;
  if (url !== spec.destination.url && !isSource) return;
  const what = isSource ? "photos" : "results";
  throw new DarkroomError("invalid_input", `The batch's ${what} are there; name another destination.`, {
    field: "destination",
  });
}
