import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

/** Beside the sources, because only those who may change the sources can write there. */
const FOLDER = fileURLToPath(new URL("../../../.cache/compiled", import.meta.url));

/**
 * Enables Node's compile cache, which halves the load time of the next start. Without write permission, as in an image,
 * every start compiles. Call this before anything else is loaded.
 */
export function cacheCompiled(): void {
  enableCompileCache(FOLDER);
}
