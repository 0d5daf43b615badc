import { startRedisFront } from "./redis-front.ts";

export interface Hold {
  /** Returns true for the raw command at which everything stops. */
  readonly at: (command: string) => boolean;
  /** True if Redis still executes that command, and only its reply is lost. */
  readonly carriedOut: boolean;
}

/**
 * Forwards commands to the real Redis until one matches. From then on clients receive no more data, on any connection,
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
      // Redis' next reply follows the command, so the command has been executed.
      if (hold.carriedOut) upstream.once("data", () => resolve());
      else resolve();
      return hold.carriedOut;
    },
    answers: () => !isHeld,
  });
  return { ...front, held };
}
