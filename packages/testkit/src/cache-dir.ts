import { fileURLToPath } from "node:url";

/** Programs downloaded for tests are kept in the checkout, so that later runs start fast. */
export const CACHE_DIR = fileURLToPath(new URL("../../../.cache/local-stack", import.meta.url));
