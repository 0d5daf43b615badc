import { cacheCompiled } from "@darkroom/app-main/cache-compiled";
import { limitHeap } from "@darkroom/app-main/limit-heap";

limitHeap("fast");
cacheCompiled();

const { runApp } = await import("@darkroom/app-main/run-app");

/** After the grace period of running portraits. */
const FORCE_AFTER_GRACE_MS = 10_000;

await runApp({
  name: "worker",
  settings: async () => (await import("./env.ts")).settings,
  start: async (settings, parts) => await (await import("./start-worker.ts")).startWorker(settings, parts),
  forceAfterMs: ({ timing }) => timing.graceMs + FORCE_AFTER_GRACE_MS,
});
