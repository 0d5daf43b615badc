import { fileURLToPath } from "node:url";

/** Programs downloaded for tests stay in the checkout, so that later runs start quickly. */
export const CACHE_DIR = fileURLToPath(new URL("../../../.cache/local-stack", import.meta.url));
