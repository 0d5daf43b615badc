import process from "node:process";
import { runApp } from "@darkroom/app-main/run-app";
import { readEnv } from "./env.ts";
import { startApi } from "./index.ts";

/** After the time that requests get to be answered. */
const FORCE_AFTER_MS = 20_000;

await runApp({
  name: "api",
  settings: async () => {
    // The API serves its own /metrics.
    const { metricsPort: _, ...settings } = readEnv(process.env);
    return settings;
  },
  start: async (settings, parts) => {
    const api = await startApi(settings, parts);
    parts.log.info({ url: api.url, docs: `${api.url}/docs` }, "API listening");
    return api;
  },
  forceAfterMs: () => FORCE_AFTER_MS,
});
