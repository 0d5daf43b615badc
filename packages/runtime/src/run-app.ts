import process from "node:process";
import { listenFault, messageOf } from "@darkroom/core";
import { createLogger, type Logger } from "./logger.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { serveMetrics } from "./metrics-server.ts";

/** Settings common to all apps. */
export interface AppSettings {
  readonly log: { readonly level: string };
  /** Logged as warnings at the start. */
  readonly unknownVariables?: readonly string[];
}

/** An app that runs until it is closed. */
interface RunningApp {
  close(): Promise<void>;
}

export interface AppOptions<S extends AppSettings> {
  readonly name: string;
  /** Reads the environment. Throws one error with all problems. */
  readonly settings: () => S | Promise<S>;
  readonly start: (settings: S, parts: { readonly log: Logger; readonly metrics: Metrics }) => Promise<RunningApp>;
  /** Address of `/metrics` for an app without its own HTTP server. If the port is absent, metrics are not served. */
  readonly metricsAt?: (settings: S) => { readonly host: string; readonly port: number | undefined };
  /**
   * Timeout for an orderly stop, which may not be possible when Redis is gone. Another process takes over the remaining
   * work.
   */
  readonly forceAfterMs: (settings: S) => number;
}

const EXIT = { stopped: 0, notStopped: 1, notStarted: 2 } as const;
/** Time for open resources to close after a failed start. */
const FAILED_START_MS = 2_000;

/**
 * Runs an app until SIGTERM or SIGINT, then closes it. A second signal ends the process at once. The exit code is 0
 * after an orderly stop, 1 after a forced or failed stop, and 2 when the app cannot start.
 */
export async function runApp<S extends AppSettings>(options: AppOptions<S>): Promise<void> {
  const { name, start, metricsAt, forceAfterMs } = options;
  try {
    const settings = await options.settings();
    const log = createLogger({ level: settings.log.level, name });
    for (const sentence of settings.unknownVariables ?? []) log.warn(sentence);
    const metrics = createMetrics();
    const app = await start(settings, { log, metrics });
    const { host, port } = metricsAt?.(settings) ?? {};
    if (host !== undefined && port !== undefined) {
      await serveMetrics(metrics.registry, host, port).catch(async (error: unknown) => {
        // Otherwise the app would continue to run without metrics after it reported that it cannot start.
        await app.close();
        throw listenFault(error, { host, port, portSetting: "DARKROOM_METRICS_PORT" });
      });
    }
    stopOnSignal({ app, log, forceAfterMs: forceAfterMs(settings) });
  } catch (error) {
    process.stderr.write(`darkroom ${name}: ${messageOf(error)}\n`);
    process.exitCode = EXIT.notStarted;
    // A connection left open by a failed start would keep the process alive.
    setTimeout(() => process.exit(), FAILED_START_MS).unref();
  }
}

interface Stopping {
  readonly app: RunningApp;
  readonly log: Logger;
  readonly forceAfterMs: number;
}

function stopOnSignal({ app, log, forceAfterMs }: Stopping): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(EXIT.notStopped);
    stopping = true;
    log.info({ signal }, "stopping");
    setTimeout(() => process.exit(EXIT.notStopped), forceAfterMs).unref();
    app.close().then(
      () => {
        log.info("stopped");
        process.exit(EXIT.stopped);
      },
      (error: unknown) => {
        log.error({ err: error }, "stopping failed");
        process.exit(EXIT.notStopped);
      },
    );
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}
