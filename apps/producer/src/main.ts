import { limitHeap } from "./limit-heap.ts";

limitHeap();

const { messageOf } = await import("@darkroom/core");

/** A stop that hangs (Redis is gone, say) is cut short: whatever it leaves is done again by another producer. */
const FORCE_AFTER_MS = 15_000;

try {
  const { settings } = await import("./env.ts");
  const { createLogger, createMetrics, serveMetrics } = await import("@darkroom/telemetry");
  const { startProducer } = await import("./start-producer.ts");
  const log = createLogger({ level: settings.log.level, name: "producer" });
  const metrics = createMetrics();
  const producer = await startProducer(settings, { log, metrics });
  if (settings.metricsPort !== undefined) await serveMetrics(metrics.registry, settings.api.host, settings.metricsPort);
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(1);
    stopping = true;
    log.info({ signal }, "stopping");
    setTimeout(() => process.exit(1), FORCE_AFTER_MS).unref();
    producer.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, "stopping failed");
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
} catch (error) {
  process.stderr.write(`darkroom producer: ${messageOf(error)}\n`);
  process.exitCode = 2;
}
