import process from "node:process";
import { listenFault, messageOf } from "@darkroom/core";
import { createLogger, type Logger } from "./logger.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { serveMetrics } from "./metrics-server.ts";

/** What a process is told that every app is told. */
export interface AppSettings {
  readonly log: { readonly level: string };
  readonly metricsPort?: number;
  /** Logged as warnings at the start. */
  readonly unknownVariables: readonly string[];
  readonly api: { readonly host: string };
}

/** An app that runs until it is closed. */
interface RunningApp {
  close(): Promise<void>;
}

export interface AppOptions<S extends AppSettings> {
  readonly name: string;
  /** Reads the environment; throws with every problem. */
  readonly settings: () => Promise<S>;
  readonly start: (settings: S, parts: { readonly log: Logger; readonly metrics: Metrics }) => Promise<RunningApp>;
  /** A stop that takes longer (Redis is gone, say) is cut short: whatever it leaves, another process goes on with. */
  readonly forceAfterMs: (settings: S) => number;
}

/**
 * Runs an app until SIGTERM or SIGINT, then closes it; a second signal ends it at once. The exit code is 0 after an
 * orderly stop, 1 after another, 2 when it cannot start.
 */
export async function runApp<S extends AppSettings>({
  name,
  settings: read,
  start,
  forceAfterMs,
}: AppOptions<S>): Promise<void> {
  try {
    const settings = await read();
    const log = createLogger({ level: settings.log.level, name });
    for (const sentence of settings.unknownVariables) log.warn(sentence);
    const metrics = createMetrics();
    const app = await start(settings, { log, metrics });
    if (settings.metricsPort !== undefined) {
      const at = { host: settings.api.host, port: settings.metricsPort, portSetting: "DARKROOM_METRICS_PORT" } as const;
      await serveMetrics(metrics.registry, at.host, at.port).catch(async (error: unknown) => {
        // An app without its metrics would run on after it has told that it cannot start.
        await app.close();
        throw listenFault(error, at);
      });
    }
    let stopping = false;
    const stop = (signal: NodeJS.Signals): void => {
      if (stopping) process.exit(1);
      stopping = true;
      log.info({ signal }, "stopping");
      setTimeout(() => process.exit(1), forceAfterMs(settings)).unref();
      app.close().then(
        () => {
          log.info("stopped");
          process.exit(0);
        },
        (error: unknown) => {
          log.error({ err: error }, "stopping failed");
          process.exit(1);
        },
      );
    };
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
  } catch (error) {
    process.stderr.write(`darkroom ${name}: ${messageOf(error)}\n`);
    process.exitCode = 2;
  }
}
