import process from "node:process";
import { cacheCompiled } from "@darkroom/runtime/cache-compiled";

cacheCompiled();

const { runApp } = await import("@darkroom/runtime/run-app");

const FORCE_AFTER_MS = 10_000;

await runApp({
  name: "twin",
  settings: async () => ({ log: { level: "info" }, twin: (await import("./env.ts")).readEnv(process.env) }),
  start: async (settings, { log }) => {
    const twin = await (await import("./twin.ts")).startTwin(settings.twin);
    log.info({ url: twin.url }, `The twin listens at ${twin.url}`);
    return twin;
  },
  forceAfterMs: () => FORCE_AFTER_MS,
});
