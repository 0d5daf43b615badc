import { messageOf } from "@darkroom/core";

/** How a Redis continues after it ended while in use. */
export type RedisFate =
  | { readonly type: "ended" }
  /** Redis runs again, with the same address and data. */
  | { readonly type: "back" }
  /** Redis can no longer be used, for the reason `why`. */
  | { readonly type: "given-up"; readonly why: string };

export interface RedisKeeperOptions {
  readonly isGone: () => boolean;
  /** Returns why Redis' data is gone; undefined if it is not. */
  readonly dataFault: () => string | undefined;
  /** Restarts Redis. Resolves once Redis is ready again. */
  readonly startAgain: () => Promise<void>;
  readonly told: (fate: RedisFate) => void;
  /** Interval between checks. Defaults to {@link LOOK_EVERY_MS}. */
  readonly everyMs?: number;
}

export interface RedisKeeper {
  /** Stops the checks, and waits for a start in progress. */
  stop(): Promise<void>;
}

/** Short enough that the user is informed soon. */
const LOOK_EVERY_MS = 1_000;
/** Number of ends within the window after which another restart would not help. */
const MOST_STARTS = 5;
const STARTS_WINDOW_MS = 600_000;

/** Checks whether a local Redis still runs, and restarts it when it has ended. */
export function keepRedis(options: RedisKeeperOptions): RedisKeeper {
  const { isGone, dataFault, startAgain, told, everyMs = LOOK_EVERY_MS } = options;
  const starts: number[] = [];
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();

  const look = async (): Promise<void> => {
    const fault = dataFault();
    if (fault !== undefined) return giveUp(fault);
    if (!isGone()) return;
    told({ type: "ended" });
    const now = performance.now();
    starts.push(now);
    if (starts.filter((at) => now - at < STARTS_WINDOW_MS).length > MOST_STARTS) {
      return giveUp(`Redis ended ${starts.length} times in a few minutes`);
    }
    try {
      await startAgain();
    } catch (error) {
      return giveUp(`Redis has ended and does not start again: ${messageOf(error)}`);
    }
    told({ type: "back" });
  };
  const giveUp = (why: string): void => {
    stopped = true;
    told({ type: "given-up", why });
  };
  const next = (): void => {
    if (stopped) return;
    timer = setTimeout(() => {
      looking = look().finally(next);
    }, everyMs);
    timer.unref();
  };
  next();
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await looking;
    },
  };
}
