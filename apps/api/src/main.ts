import process from "node:process";
import { cacheCompiled } from "@darkroom/runtime/cache-compiled";

cacheCompiled();

const { runApp } = await import("@darkroom/runtime/run-app");

/** Added to the time for running requests before the process is forced to exit. */
const FORCE_AFTER_MS = 20_000;

await runApp({
  name: "api",
  settings: async () => (await import("./env.ts")).readEnv(process.env),
  start: async (settings, parts) => {
    const api = await (await import("./start-api.ts")).startApi(settings, parts);
    parts.log.info({ url: api.url, docs: `${api.url}/docs` }, "API listening");
    return api;
  },
  forceAfterMs: () => FORCE_AFTER_MS,
});
