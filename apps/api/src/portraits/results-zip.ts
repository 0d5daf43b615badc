import { finished } from "node:stream/promises";
import { PassThrough, type Readable } from "node:stream";
import { isDarkroomError, resultMark, type GetResult, type ObjectStore } from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import { ZipFile } from "yazl";
import { readReviews } from "../reviews/read-reviews.ts";
import type { Services } from "../services.ts";
import { hasResult } from "./found-portrait.ts";
import { ZipNames } from "./zip-names.ts";
import { cutsOf, isCutOf } from "./result-files.ts";
import { ShownPictures } from "./shown-pictures.ts";

/** Portraits whose states are read at once. */
const CHUNK = 8_192;

interface ZippedFile {
  readonly key: string;
  readonly picture: GetResult;
}

/**
 * Streams a ZIP of a batch's results and their crops, named as at the destination. Reads one picture at a time, at the
 * reader's speed. Omits a result that another batch has replaced.
 *
 * @param only `approved` omits every result that is not currently approved
 * @param signal aborts when the reader disconnects
 */
export function zipOfResults(
  services: Services,
  record: BatchRecord,
  only: "approved" | "all",
  signal: AbortSignal,
): Readable {
  const zip = new ZipFile();
  const output = new PassThrough();
  zip.outputStream.pipe(output);
  zip.on("error", (error: Error) => output.destroy(error));
  const names = new ZipNames();
  const fill = async (): Promise<void> => {
    for await (const { key, picture } of resultsOf(services, record, only)) {
      const { info, body } = picture;
      // Closes all files when the reader disconnects.
      if (signal.aborted) body.destroy();
      signal.throwIfAborted();
      // Pictures are compressed already.
      zip.addReadStream(body, names.of(key), { mtime: new Date(info.modifiedAt), compress: false });
      try {
        await finished(body, { signal, cleanup: true });
      } catch (error) {
        body.destroy();
        throw error;
      }
    }
    zip.end();
  };
  fill().catch((error: unknown) => output.destroy(error as Error));
  return output;
}

async function* resultsOf(
  services: Services,
  record: BatchRecord,
  only: "approved" | "all",
): AsyncGenerator<ZippedFile> {
  const { spec, counts } = record;
  const store = services.openStore(spec.destination.url);
  for (let start = 0; start < counts.total; start += CHUNK) {
    const states = await services.ledger.states(spec.id, start, Math.min(CHUNK, counts.total - start));
    for (const [offset, state] of states.entries()) {
      if (hasResult({ state })) yield* filesOf(services, record, { index: start + offset, store, only });
    }
  }
}

interface Wanted {
  readonly index: number;
  readonly store: ObjectStore;
  readonly only: "approved" | "all";
}

async function* filesOf(
  services: Services,
  record: BatchRecord,
  { index, store, only }: Wanted,
): AsyncGenerator<ZippedFile> {
  const [review] = only === "approved" ? await readReviews(services, record, [index]) : [];
  if (only === "approved" && review?.standing.state !== "approved") return;
  const approved = review?.effective?.results.find((each) => each.index === index)?.mark;
  const pictures = await ShownPictures.of(services, record, index);
  const main = await unlessGone(pictures.picture("result"));
  if (main === undefined) return;
  if (only === "approved" && resultMark(main.info) !== approved) {
    main.body.destroy();
    return;
  }
  yield { key: pictures.row.destination, picture: main };
  for (const { key, part } of cutsOf(record, pictures.row, main.info)) {
    const cut = await unlessGone(store.get(key));
    if (cut === undefined) continue;
    if (isCutOf(cut.info, main.info, part)) yield { key, picture: cut };
    else cut.body.destroy();
  }
}

async function unlessGone(reading: Promise<GetResult>): Promise<GetResult | undefined> {
  return await reading.catch((error: unknown) => {
    if (isDarkroomError(error, "not_found") || isDarkroomError(error, "storage_not_found")) return undefined;
    throw error;
  });
}
