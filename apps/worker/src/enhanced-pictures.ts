import type { WorkerContext } from "./context.ts";
import type { Enhanced } from "./enhance.ts";
import type { Download } from "./result-downloads.ts";

/** A picture of a provider's answer. */
export interface OfferedPicture {
  fetch(): Promise<Download>;
}

/** The pictures of an answer, the main one first. Links are fetched when they are asked for, one at a time. */
export function picturesOf(
  { downloads }: Pick<WorkerContext, "downloads">,
  enhanced: Enhanced,
  signal: AbortSignal,
): readonly OfferedPicture[] {
  if (enhanced.kind === "urls") return enhanced.urls.map((url) => ({ fetch: () => downloads.fetch(url, signal) }));
  return enhanced.pictures.map(({ buffer, byteOffset, length }) => ({
    fetch: () => Promise.resolve({ kind: "ok", bytes: Buffer.from(buffer, byteOffset, length) }),
  }));
}

/** What to say of profiles that were given and in none of the pictures recognised. Nothing where the provider did not tell. */
export function profileWarnings(
  profileIds: readonly string[] | undefined,
  knownSubjects: Readonly<Record<string, number>> | undefined,
): readonly string[] {
  if (profileIds === undefined || knownSubjects === undefined) return [];
  return profileIds
    .filter((id) => !Object.hasOwn(knownSubjects, id) || knownSubjects[id] === 0)
    .map((id) => `the profile ${id} was not recognised in the result`);
}
