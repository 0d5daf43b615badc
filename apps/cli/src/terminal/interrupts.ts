import { Interrupted, type CommandError } from "../exit-codes.ts";

/** Ctrl-C arrives from the terminal and again from the parent process. Signals within this time count once. */
export const DEBOUNCE_MS = 500;

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The part of `process` that interrupts use. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
}

export interface Interrupts {
  /** Aborted, with {@link Interrupted}, at the first signal. */
  readonly signal: AbortSignal;
  /** Aborts the command for an internal reason. The next signal ends the process. */
  fail(error: CommandError): void;
  stop(): void;
}

/** Listens for stop signals. The first aborts, the second forces the exit. */
export function listenForInterrupts(source: SignalSource, force: () => void): Interrupts {
  const controller = new AbortController();
  let armed: NodeJS.Timeout | undefined;
  let forces = false;
  const arm = (): void => {
    // A busy process receives signals late. This callback runs after all signals that arrived in time.
    setImmediate(() => (forces = true));
  };
  const listener = (): void => {
    if (forces) force();
    if (armed !== undefined) return;
    armed = setTimeout(arm, DEBOUNCE_MS);
    armed.unref();
    controller.abort(new Interrupted());
  };
  for (const name of SIGNALS) source.on(name, listener);
  return {
    signal: controller.signal,
    fail: (error) => {
      forces = true;
      controller.abort(error);
    },
    stop: () => {
      clearTimeout(armed);
      for (const name of SIGNALS) source.off(name, listener);
    },
  };
}
