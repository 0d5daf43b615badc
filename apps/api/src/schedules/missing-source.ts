import { stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { OpenStore } from "@darkroom/core";

/**
 * Warns about a local source that does not exist. The source may appear before the first run, so the schedule is
 * created nevertheless.
 */
export async function missingSourceWarnings(openStore: OpenStore, source: string): Promise<readonly string[]> {
  if (!source.startsWith("file:") || !isPermitted(openStore, source)) return [];
  const path = fileURLToPath(source);
  const isMissing = await stat(path).then(
    () => false,
    ({ code }: NodeJS.ErrnoException) => code === "ENOENT" || code === "ENOTDIR",
  );
  return isMissing ? [`The source ${path} does not exist. Each run fails until it does.`] : [];
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
