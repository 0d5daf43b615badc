import { fork, type ChildProcess } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { HEAP_FLAGS, MALLOC_SETTING } from "@darkroom/runtime/limit-heap";
import type { Settings } from "@darkroom/config";
import { messageOf, TIME_SCALE_ARGS } from "@darkroom/core";
import type { Logger } from "@darkroom/runtime";
import type { FromIsolated, IsolatedOrder, ToIsolated } from "./isolated-messages.ts";
import { BatchCancelled } from "../claims/abort-reasons.ts";

/** The outcome of an isolated process. */
export type IsolatedEnd =
  | Extract<FromIsolated, { type: "ended" }>
  /** The portrait killed the process. `message` describes how. */
  | { readonly type: "died"; readonly message: string }
  /** The worker killed the process because it is stopping. */
  | { readonly type: "stopped" }
  /** The process never started the portrait. */
  | { readonly type: "unable"; readonly message: string };

export interface IsolatedOptions {
  readonly settings: Settings;
  readonly clockSkewMs: number | undefined;
  readonly log: Logger;
}

/** Timeout for a new process to connect. */
const START_MS = 120_000;
/**
 * A process that is silent for this long is considered hung and is killed. A healthy process sends several heartbeats a
 * minute.
 */
const SILENT_MS = 60_000;
/** Time for an aborted process to hand its portrait back before it is killed. */
const STOP_MS = 4_000;
const LOOK_EVERY_MS = 500;
/** Length of the tail of standard error that is searched for the cause of death, in characters. */
const LAST_WORDS_CHARS = 4_000;
/** Matches the messages of Node and of `isolated-watch.ts`. */
const CAUSE = /FATAL ERROR: .*|it needs more than .*/;
const MEBIBYTE = 1_048_576;
const MAIN = fileURLToPath(new URL("./isolated-main.ts", import.meta.url));

/**
 * Runs suspect portraits, which have killed workers. Each runs in an isolated process that can die without the worker.
 * The worker keeps the claim and therefore notices a death at once.
 */
export class IsolatedRuns {
  readonly #options: IsolatedOptions;
  readonly #children = new Set<ChildProcess>();
  #closed = false;

  constructor(options: IsolatedOptions) {
    this.#options = options;
  }

  /** True when the limit of isolated processes is reached. */
  get isFull(): boolean {
    return this.#children.size >= this.#options.settings.isolated.atOnce;
  }

  /** @param signal aborted when the batch is cancelled or the worker stops; the process then hands the portrait back */
  async run(order: IsolatedOrder, signal: AbortSignal): Promise<IsolatedEnd> {
    let child: ChildProcess;
    try {
      child = this.#start();
    } catch (error) {
      return { type: "unable", message: messageOf(error) };
    }
    this.#children.add(child);
    const tell = (message: ToIsolated): void => void child.send(message, () => undefined);
    const stop = (): void => {
      tell({ type: "abort", why: signal.reason instanceof BatchCancelled ? "cancelled" : "stops" });
      setTimeout(() => child.kill("SIGKILL"), STOP_MS).unref();
    };
    try {
      const ended = this.#endOf(child);
      tell({ type: "run", settings: this.#options.settings, clockSkewMs: this.#options.clockSkewMs, order });
      signal.addEventListener("abort", stop, { once: true });
      if (signal.aborted) stop();
      const end = await ended;
      return end.type !== "ended" && (this.#closed || signal.aborted) ? { type: "stopped" } : end;
    } finally {
      signal.removeEventListener("abort", stop);
      this.#children.delete(child);
    }
  }

  #start(): ChildProcess {
    const { memoryBytes } = this.#options.settings.isolated;
    return fork(MAIN, [], {
      execPath: process.execPath,
      execArgv: [...TIME_SCALE_ARGS, ...HEAP_FLAGS.small, `--max-old-space-size=${Math.ceil(memoryBytes / MEBIBYTE)}`],
      env: { ...MALLOC_SETTING, ...process.env },
      serialization: "advanced",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
  }

  #endOf(child: ChildProcess): Promise<IsolatedEnd> {
    let heardAt = performance.now();
    let hasBegun = false;
    let hangs = false;
    let lastWords = "";
    let said: Extract<FromIsolated, { type: "ended" | "unable" }> | undefined;
    const watch = setInterval(() => {
      if (performance.now() - heardAt <= (hasBegun ? SILENT_MS : START_MS)) return;
      hangs = true;
      child.kill("SIGKILL");
    }, LOOK_EVERY_MS);
    child.on("message", (message: FromIsolated) => {
      heardAt = performance.now();
      if (message.type === "begun") hasBegun = true;
      if (message.type === "log") this.#log(message.line);
      if (message.type === "ended" || message.type === "unable") said = message;
    });
    child.stderr?.on("data", (text: Buffer) => {
      lastWords = (lastWords + text.toString()).slice(-LAST_WORDS_CHARS);
    });
    return new Promise((resolve) => {
      const over = (how: string): void => {
        clearInterval(watch);
        if (said !== undefined) return resolve(said);
        const [cause] = CAUSE.exec(lastWords) ?? [];
        const message = cause === undefined ? how : `${how}: ${cause}`;
        resolve({ type: hasBegun ? "died" : "unable", message });
      };
      child.once("error", (error) => over(messageOf(error)));
      child.once("close", (code, signal) => {
        over(
          hangs ? "it no longer answered" : signal === null ? `it ended with code ${code}` : `it ended by ${signal}`,
        );
      });
    });
  }

  #log(line: string): void {
    const { level, msg = "", time: _, ...fields } = JSON.parse(line) as { level: number; msg?: string; time: number };
    const { log } = this.#options;
    if (level >= 50) log.error(fields, msg);
    else if (level >= 40) log.warn(fields, msg);
    else if (level >= 30) log.info(fields, msg);
    else log.debug(fields, msg);
  }

  /** Kills running processes. Other workers continue from their receipts. */
  close(): void {
    this.#closed = true;
    for (const child of this.#children) child.kill("SIGKILL");
  }
}
