import { stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { isDarkroomError, type OpenStore } from "@darkroom/core";
import { manifestFormat } from "@darkroom/intake";
import { splitObjectUrl } from "@darkroom/storage";

/** Longest wait for a store's first answer. */
const ANSWER_WITHIN_MS = 5_000;

/**
 * Warns about a source that cannot be read now. It may be readable before the first run, so the schedule is created
 * nevertheless.
 */
export async function missingSourceWarnings(openStore: OpenStore, source: string): Promise<readonly string[]> {
  if (source.startsWith("s3:")) return await unreadableStore(openStore, source);
  if (!source.startsWith("file:") || !isPermitted(openStore, source)) return [];
  const path = fileURLToPath(source);
  const isMissing = await stat(path).then(
    () => false,
    ({ code }: NodeJS.ErrnoException) => code === "ENOENT" || code === "ENOTDIR",
  );
  return isMissing ? [`The source ${path} does not exist. Each run fails until it does.`] : [];
}

async function unreadableStore(openStore: OpenStore, source: string): Promise<readonly string[]> {
  try {
    return (await isThere(openStore, source)) ? [] : [`The source ${source} is empty or does not exist yet.`];
  } catch (error) {
    const why = isDarkroomError(error) ? error.message.replace(/\.$/, "") : "the store does not answer";
    return [`The source ${source} cannot be read now: ${why}. Each run fails until it can.`];
  }
}

/** True for a manifest that exists, and for a prefix with an object. */
async function isThere(openStore: OpenStore, source: string): Promise<boolean> {
  if (manifestFormat(source) !== undefined) {
    const { storeUrl, key } = splitObjectUrl(source);
    return (await openStore(storeUrl).head(key)) !== undefined;
  }
  const listing = openStore(source.endsWith("/") ? source : `${source}/`).list({
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  for await (const _ of listing) return true;
  return false;
}

/** Errors must not reveal whether a path outside of the permitted folders exists. */
function isPermitted(openStore: OpenStore, source: string): boolean {
  try {
    openStore(source.endsWith("/") ? source : `${source}/`);
    return true;
  } catch {
    return false;
  }
}
