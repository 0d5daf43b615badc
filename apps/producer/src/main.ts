import { cacheCompiled } from "@darkroom/app-main/cache-compiled";
import { limitHeap } from "@darkroom/app-main/limit-heap";

limitHeap("small");
cacheCompiled();

const { runApp } = await import("@darkroom/app-main/run-app");

const FORCE_AFTER_MS = 15_000;

await runApp({
  name: "producer",
  settings: async () => (await import("./env.ts")).settings,
  start: async (settings, parts) => await (await import("./start-producer.ts")).startProducer(settings, parts),
  forceAfterMs: () => FORCE_AFTER_MS,
});
