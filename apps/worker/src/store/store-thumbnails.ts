import { batchKeys, messageOf } from "@darkroom/core";
import { encodeThumbnail, thumbnailOf, type SourceLook, type Thumbnail } from "@darkroom/imaging";
import type { PreparedRun } from "../run/portrait-run.ts";

/** The photo, if readable, and its finished result. */
export interface ComparedPair {
  readonly source: SourceLook | undefined;
  /** SHA-256 of the result as it is stored. */
  readonly digest: string;
  readonly result: {
    readonly bytes: Uint8Array;
    readonly width: number;
    readonly height: number;
    readonly thumbnail?: Thumbnail;
  };
}

/** Stores thumbnails of photo and result for the web page. A failure does not prevent delivery. */
export async function storeThumbnails(run: PreparedRun, { source, digest, result }: ComparedPair): Promise<void> {
  const { context, claim, prepared, signal } = run;
  if (!context.thumbnails) return;
  const { thumbnail: keyOf } = batchKeys(claim.spec.id);
  const put = async (of: "source" | "result", bytes: Uint8Array) => {
    await prepared.destination.put(keyOf(digest, of), bytes, { contentType: "image/jpeg", signal });
  };
  try {
    await put("result", await encodeThumbnail(result.thumbnail ?? (await thumbnailOf(result.bytes)), result));
    if (source?.thumbnail !== undefined) await put("source", await encodeThumbnail(source.thumbnail, source));
    else if (run.preview !== undefined) await put("source", run.preview);
  } catch (error) {
    const { spec, index } = claim;
    context.log.warn({ err: error, batch: spec.id, portrait: index }, `no thumbnail was stored: ${messageOf(error)}`);
  }
}
