import { cacheCompiled } from "@darkroom/runtime/cache-compiled";
import { limitHeap } from "@darkroom/runtime/limit-heap";

limitHeap("fast");
cacheCompiled();

const { runApp } = await import("@darkroom/runtime/run-app");

/** Added to the grace period of running portraits before the process is forced to exit. */
const FORCE_AFTER_GRACE_MS = 10_000;

await runApp({
  name: "worker",
  settings: async () => (await import("./env.ts")).settings,
  start: async (settings, parts) => await (await import("./start-worker.ts")).startWorker(settings, parts),
  metricsAt: ({ api, metricsPort }) => ({ host: api.host, port: metricsPort }),
  forceAfterMs: ({ timing }) => timing.graceMs + FORCE_AFTER_GRACE_MS,
});
