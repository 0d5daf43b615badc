import { Interrupted } from "./exit-codes.ts";

/** Ctrl-C reaches us from the terminal and again from whoever started us; within so long it counts once. */
export const DEBOUNCE_MS = 500;

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The part of `process` that is listened to. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
}

export interface Interrupts {
  /** Aborted, with {@link Interrupted}, at the first signal. */
  readonly signal: AbortSignal;
  stop(): void;
}

/**
 * Listens for signals to stop: the first aborts, a second one forces.
 *
 * @param now a monotonic clock, in ms
 */
export function listenForInterrupts(
  source: SignalSource,
  force: () => void,
  now: () => number = () => performance.now(),
): Interrupts {
  const controller = new AbortController();
  let firstAt: number | undefined;
  const listener = (): void => {
    if (firstAt === undefined) {
      firstAt = now();
      controller.abort(new Interrupted());
    } else if (now() - firstAt >= DEBOUNCE_MS) {
      force();
    }
  };
  for (const name of SIGNALS) source.on(name, listener);
  return {
    signal: controller.signal,
    stop: () => {
      for (const name of SIGNALS) source.off(name, listener);
    },
  };
}
