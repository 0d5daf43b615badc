import { startRedisFront } from "./redis-front.ts";

export interface Hold {
  /** Decides for a raw command whether everything stops here. */
  readonly at: (command: string) => boolean;
  /** True if Redis still executes it, and only its answer is lost. */
  readonly carriedOut: boolean;
}

/**
 * Forwards commands to the real Redis until one matches. From then on clients receive nothing more, on any connection,
 * as if the machine had just died.
 */
export async function startHoldingRedis(realUrl: string, hold: Hold) {
  const { promise: held, resolve } = Promise.withResolvers<void>();
  let isHeld = false;
  const front = await startRedisFront(realUrl, {
    onCommands: (chunk, { upstream }) => {
      if (isHeld) return false;
      if (!hold.at(chunk.toString("latin1"))) return true;
      isHeld = true;
      // Redis's next answer follows the command, so it has been executed.
      if (hold.carriedOut) upstream.once("data", () => resolve());
      else resolve();
      return hold.carriedOut;
    },
    answers: () => !isHeld,
  });
  return { ...front, held };
}
