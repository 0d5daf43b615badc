import { createHash } from "node:crypto";
import { buffer } from "node:stream/consumers";
import {
  DELIVERED_LINE,
  finalAction,
  finalKey,
  isDarkroomError,
  isRejected,
  messageOf,
  RESULT_METADATA,
  resultMark,
  whatIsAtFinalKey,
  type FinalAction,
  type ObjectHead,
  type ObjectStore,
  type PortraitRow,
} from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import { cutsOf, isCutOf } from "../portraits/result-files.ts";
import { ShownPictures } from "../portraits/shown-pictures.ts";
import type { Services } from "../services.ts";
import { readReviews, type KnownReview } from "./read-reviews.ts";

/** The outcome for a portrait. */
type FinalEnding = "delivered" | "unchanged" | "removed" | "none";

/** The outcome for a portrait, and its files that could not be copied. */
export interface FinalReport {
  readonly ended: FinalEnding;
  readonly messages: readonly string[];
}

/** The final place of a delivery. */
export interface FinalPlace {
  readonly target: ObjectStore;
  /** Names the copies; undefined for the results' own keys. */
  readonly template: string | undefined;
  /** Other templates by which copies were named at this place before. */
  readonly formerTemplates: readonly (string | undefined)[];
}

/** A file at the final place: the main picture, or one of its cuts. */
interface FinalFile {
  readonly from: string;
  readonly to: string;
  readonly part?: string;
}

const REPLACED = "its result is not the one that was approved any more; look again";

/** One portrait at the final place. */
export class FinalPortrait {
  readonly index: number;
  readonly #services: Services;
  readonly #record: BatchRecord;
  readonly #place: FinalPlace;
  #review: KnownReview;
  #row: PortraitRow | undefined;
  #files: readonly FinalFile[] = [];
  /** Names of copies by former templates. */
  #former: readonly FinalFile[] = [];
  #unnamed: string | undefined;

  private constructor(services: Services, record: BatchRecord, place: FinalPlace, known: [number, KnownReview]) {
    this.#services = services;
    this.#record = record;
    this.#place = place;
    [this.index, this.#review] = known;
  }

  /** Reads decisions and names of portraits, in the same order. The first approved portrait of a name keeps it. */
  static async ofAll(
    services: Services,
    record: BatchRecord,
    place: FinalPlace,
    indexes: readonly number[],
  ): Promise<readonly FinalPortrait[]> {
    const reviews = await readReviews(services, record, indexes);
    return await Promise.all(
      indexes.map(async (index, at) => {
        const portrait = new FinalPortrait(services, record, place, [index, reviews[at] as KnownReview]);
        await portrait.#findNames();
        return portrait;
      }),
    );
  }

  get id(): string | null {
    return this.#row?.id ?? null;
  }

  get action(): FinalAction {
    return finalAction(this.#review.standing);
  }

  get #source(): ObjectStore {
    return this.#services.openStore(this.#record.spec.destination.url);
  }

  async #findNames(): Promise<void> {
    const { spec, fence } = this.#record;
    const row = await this.#services.snapshot.row(this.#source, spec.id, this.index, fence);
    if (isRejected(row)) return;
    this.#row = row;
    const head = await this.#source.head(row.destination);
    const { template, formerTemplates } = this.#place;
    try {
      this.#files = this.#filesBy(template, row, head);
    } catch (error) {
      if (!isDarkroomError(error, "invalid_input")) throw error;
      this.#unnamed = messageOf(error);
    }
    this.#former = formerTemplates.flatMap((former) => {
      try {
        return this.#filesBy(former, row, head);
      } catch (error) {
        // A template without a name for this portrait copied none of its files.
        if (isDarkroomError(error, "invalid_input")) return [];
        throw error;
      }
    });
  }

  #filesBy(template: string | undefined, row: PortraitRow, head: ObjectHead | undefined): readonly FinalFile[] {
    const main = finalKey(template, row);
    const renamed = cutsOf(this.#record, { ...row, destination: main }, head);
    const cuts = cutsOf(this.#record, row, head).map(({ key, part }, place) => ({
      from: key,
      to: renamed[place]?.key ?? key,
      part,
    }));
    return [{ from: row.destination, to: main }, ...cuts];
  }

  /** Adds the portrait's names to those of the portraits before it. The first portrait with a name keeps it. */
  claimNames(keys: Map<string, number>): void {
    const other = this.#files.map(({ to }) => keys.get(to)).find((index) => index !== undefined);
    if (other !== undefined) this.#unnamed = `${this.#files[0]?.to ?? ""} is also the name of portrait ${other}`;
    else for (const { to } of this.#files) keys.set(to, this.index);
  }

  /**
   * Copies the approved files, or removes earlier copies. Starts again if a decision arrives or ends in the meantime, so
   * that the latest one applies. A round ends a decision without a line of its own.
   */
  async bring(): Promise<FinalReport> {
    for (;;) {
      const { line, state } = this.#review.standing;
      const told = await this.#bringOnce();
      const [now] = await readReviews(this.#services, this.#record, [this.index]);
      if (now === undefined || (now.standing.line === line && now.standing.state === state)) return told;
      this.#review = now;
    }
  }

  async #bringOnce(): Promise<FinalReport> {
    const { standing, effective } = this.#review;
    const action = finalAction(standing);
    if (action === "none") return { ended: "none", messages: [] };
    if (action === "remove") {
      return { ended: (await this.#remove([...this.#files, ...this.#former])) ? "removed" : "none", messages: [] };
    }
    if (this.#unnamed !== undefined) return { ended: "none", messages: [this.#unnamed] };
    const mark = effective?.results.find(({ index }) => index === this.index)?.mark;
    const pictures = await ShownPictures.of(this.#services, this.#record, this.index);
    const main = await pictures.resultHead();
    if (main === undefined || resultMark(main) !== mark) return { ended: "none", messages: [REPLACED] };
    const messages: string[] = [];
    let copied = 0;
    for (const file of this.#files) {
      const told = await this.#copy(file, { main, mark, line: standing.line });
      if (told === "copied") copied += 1;
      else if (told !== undefined) messages.push(told);
    }
    const names = new Set(this.#files.map(({ to }) => to));
    await this.#remove(this.#former.filter(({ to }) => !names.has(to)));
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
    const { target } = this.#place;
    const { batchId, index } = { batchId: this.#record.spec.id, index: this.index };
    const given = source.metadata[RESULT_METADATA.sha256];
    const own = { batchId, index, ...(part === undefined ? {} : { part }) };
    const there = await target.head(to);
    const what = whatIsAtFinalKey(there, { ...own, ...(given === undefined ? {} : { digest: given }) });
    if (what === "others") return `${to} already exists, and is not a copy of this portrait; nothing was replaced`;
    if (what === "same" && given !== undefined) return undefined;
    const { info, body } = await this.#source.get(from);
    const bytes = await buffer(body);
    const digest = createHash("sha256").update(bytes).digest("hex");
    const isIntact = given === undefined ? info.etag === source.etag : digest === given;
    if (!isIntact || (part === undefined && resultMark(info) !== mark)) return REPLACED;
    await target.put(to, bytes, {
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

  /** Removes copies of this portrait. @returns true if there was one */
  async #remove(files: readonly FinalFile[]): Promise<boolean> {
    const { target } = this.#place;
    let removed = false;
    for (const { to, part } of files) {
      const own = { batchId: this.#record.spec.id, index: this.index, ...(part === undefined ? {} : { part }) };
      const what = whatIsAtFinalKey(await target.head(to), own);
      if (what !== "same" && what !== "earlier") continue;
      await target.delete(to);
      removed = true;
    }
    return removed;
  }
}
