import { fileURLToPath } from "node:url";

/** Downloaded programs of the tests stay in the checkout, so that the second run is quick. */
export const CACHE_DIR = fileURLToPath(new URL("../../../.cache/local-stack", import.meta.url));
