import { messageOf } from "@darkroom/core";
import { createLogger, createMetrics, serveMetrics } from "@darkroom/telemetry";
import { startWorker } from "./start-worker.ts";

/** Ends this process when a second signal comes, or shortly after the grace period. */
const FORCE_AFTER_GRACE_MS = 10_000;

try {
  const { settings } = await import("./env.ts");
  const log = createLogger({ level: settings.log.level, name: "worker" });
  const metrics = createMetrics();
  const worker = await startWorker(settings, { log, metrics });
  if (settings.metricsPort !== undefined) await serveMetrics(metrics.registry, settings.api.host, settings.metricsPort);
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(1);
    stopping = true;
    log.info({ signal, running: worker.running }, "stopping: no new work, running portraits get their grace period");
    setTimeout(() => process.exit(1), settings.timing.graceMs + FORCE_AFTER_GRACE_MS).unref();
    worker.close().then(
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
  process.stderr.write(`darkroom worker: ${messageOf(error)}\n`);
  process.exitCode = 2;
}
