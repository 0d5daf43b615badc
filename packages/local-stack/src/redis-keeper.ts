import { messageOf } from "@darkroom/core";

/** What becomes of a Redis that ends while it is used. */
export type RedisFate =
  | { readonly type: "ended" }
  /** It serves again, at the same address and on the same data. */
  | { readonly type: "back" }
  /** It cannot be used any more, for a reason that is told as a sentence. */
  | { readonly type: "given-up"; readonly why: string };

export interface RedisKeeperOptions {
  readonly isGone: () => boolean;
  /** What has happened to its data, where they are gone. */
  readonly dataFault: () => string | undefined;
  /** Answers once it serves again. */
  readonly startAgain: () => Promise<void>;
  readonly told: (fate: RedisFate) => void;
  /** Between two looks. Defaults to {@link LOOK_EVERY_MS}. */
  readonly everyMs?: number;
}

export interface RedisKeeper {
  /** Looks no more, and waits for a start that is under way. */
  stop(): Promise<void>;
}

/** A person sees within a few seconds that something has ended. */
const LOOK_EVERY_MS = 1_000;
/** A Redis that ends more often than this within the window does so for a reason that another start does not mend. */
const MOST_STARTS = 5;
const STARTS_WINDOW_MS = 600_000;

/** Looks whether a Redis of our own still runs, and starts it again when it has ended. */
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
