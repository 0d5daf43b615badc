import { type Call, keptKeyOf, type ObjectStore, pictureLinks } from "@darkroom/core";
import { Readable } from "node:stream";
import type { EnhanceRequest } from "@darkroom/provider-kit";
import type { PreparedRun } from "../run/portrait-run.ts";
import type { WorkerContext } from "../run/worker-context.ts";
import { largerRoom, NeedsRoom, tooLargeMessage } from "../store/reserve-result-memory.ts";
import { readAll, type Download } from "@darkroom/web-fetch";
import { isKeptAt } from "../store/keep-pictures.ts";

/** The result of a step: links to its pictures, or the pictures themselves. The main one is first. */
export type Enhanced = { readonly knownSubjects: Readonly<Record<string, number>> | undefined } & (
  | { readonly kind: "urls"; readonly urls: readonly string[] }
  | { readonly kind: "pictures"; readonly pictures: readonly Uint8Array[] }
);

/** A fetched picture, or why the fetch failed. */
export type FetchedPicture = Exclude<Download, { kind: "larger" }>;

/** A picture in a provider's answer. */
export interface OfferedPicture {
  /**
   * @param roomBytes memory reserved for the picture
   * @throws NeedsRoom when the picture is larger than the reservation but within the limit
   */
  fetch(roomBytes: number): Promise<FetchedPicture>;
}

/** Returns the result of a call whose answer is in the receipt. */
export function linksOf(call: Call | undefined): Enhanced | undefined {
  const urls = call === undefined ? [] : pictureLinks(call);
  return urls.length === 0 ? undefined : { kind: "urls", urls, knownSubjects: call?.outputs?.knownSubjects };
}

/** Returns the previous step's picture, for a session that has lost that picture. */
export function imageOf(before: Enhanced): Pick<EnhanceRequest, "imageUrl" | "imageBytes"> {
  if (before.kind === "urls") return before.urls[0] === undefined ? {} : { imageUrl: before.urls[0] };
  const [bytes] = before.pictures;
  if (bytes === undefined) return {};
  return { imageBytes: { sizeBytes: bytes.length, open: () => Promise.resolve(Readable.from([bytes])) } };
}

/** Returns the pictures of an answer, the main one first. Linked pictures are fetched lazily. */
export function picturesOf(
  { context: { downloads }, prepared: { destination }, signal }: PreparedRun,
  enhanced: Enhanced,
): readonly OfferedPicture[] {
  if (enhanced.kind === "urls") {
    return enhanced.urls.map((url) => {
      const key = keptKeyOf(url);
      return key === undefined ? linkedPicture(downloads, url, signal) : keptPicture(destination, key, signal);
    });
  }
  return enhanced.pictures.map(({ buffer, byteOffset, length }) => ({
    fetch: () => Promise.resolve({ kind: "ok", bytes: Buffer.from(buffer, byteOffset, length) }),
  }));
}

function linkedPicture(downloads: WorkerContext["downloads"], url: string, signal: AbortSignal): OfferedPicture {
  return {
    fetch: async (roomBytes) => {
      const download = await downloads.fetch(url, signal, roomBytes);
      if (download.kind !== "larger") return download;
      const more = largerRoom(roomBytes, download.sizeBytes);
      if (more !== undefined) throw new NeedsRoom(more);
      return { kind: "gone", message: tooLargeMessage(download.sizeBytes) };
    },
  };
}

/** A picture kept in the batch's folder. Throws storage errors, so that the run retries them like any other. */
function keptPicture(destination: ObjectStore, key: string, signal: AbortSignal): OfferedPicture {
  return {
    fetch: async (roomBytes) => {
      if ((await destination.head(key)) === undefined) return { kind: "gone", message: `${key} is missing` };
      const { info, body } = await destination.get(key, { signal });
      if (info.sizeBytes > roomBytes) {
        body.on("error", () => undefined).destroy();
        const more = largerRoom(roomBytes, info.sizeBytes);
        if (more !== undefined) throw new NeedsRoom(more);
        return { kind: "gone", message: tooLargeMessage(info.sizeBytes) };
      }
      const bytes = await readAll(body, roomBytes, info.sizeBytes);
      return isKeptAt(key, bytes) ? { kind: "ok", bytes } : { kind: "gone", message: `${key} was changed` };
    },
  };
}

/**
 * Returns warnings for given profiles that were recognized in no picture; none when the provider does not report
 * profiles.
 */
export function profileWarnings(
  profileIds: readonly string[] | undefined,
  knownSubjects: Readonly<Record<string, number>> | undefined,
): readonly string[] {
  if (profileIds === undefined || knownSubjects === undefined) return [];
  return profileIds
    .filter((id) => !Object.hasOwn(knownSubjects, id) || knownSubjects[id] === 0)
    .map((id) => `the profile ${id} was not recognized in the result`);
}
