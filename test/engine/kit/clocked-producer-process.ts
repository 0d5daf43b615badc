import { readEngineSettings } from "@darkroom/config";
import { startProducer } from "@darkroom/producer";
import { createLogger, createMetrics } from "@darkroom/runtime";

/** A producer whose schedules go by a clock that its parent process sets: epoch ms, by message. */
let nowMs = Number(process.argv[2]);
process.on("message", (message) => (nowMs = Number(message)));
process.on("disconnect", () => process.exit(1));

await startProducer(readEngineSettings(process.env), {
  log: createLogger({ level: process.env["DARKROOM_LOG_LEVEL"] ?? "silent", name: "producer" }),
  metrics: createMetrics(),
  scheduleClock: () => nowMs,
});
process.send?.("started");
