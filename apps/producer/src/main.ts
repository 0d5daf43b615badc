import { cacheCompiled } from "@darkroom/runtime/cache-compiled";
import { limitHeap } from "@darkroom/runtime/limit-heap";

limitHeap("small");
cacheCompiled();

const { runApp } = await import("@darkroom/runtime/run-app");

const FORCE_AFTER_MS = 15_000;

await runApp({
  name: "producer",
  settings: async () => (await import("./env.ts")).settings,
  start: async (settings, parts) => await (await import("./start-producer.ts")).startProducer(settings, parts),
  metricsAt: ({ api, metricsPort }) => ({ host: api.host, port: metricsPort }),
  forceAfterMs: () => FORCE_AFTER_MS,
});
