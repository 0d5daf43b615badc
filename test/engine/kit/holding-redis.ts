import { startRedisFront } from "./redis-front.ts";

export interface Hold {
  /** Says of a command, as it comes over the wire, whether everything stops here. */
  readonly at: (command: string) => boolean;
  /** Whether Redis still carries it out, and only its answer is lost. */
  readonly carriedOut: boolean;
}

/**
 * Passes commands on to the real Redis until one comes that is held: from then on whoever asked hears nothing more, on
 * any connection, as if the machine's last moment had come there.
 */
export async function startHoldingRedis(realUrl: string, hold: Hold) {
  const { promise: held, resolve } = Promise.withResolvers<void>();
  let isHeld = false;
  const front = await startRedisFront(realUrl, {
    onCommands: (chunk, { upstream }) => {
      if (isHeld) return false;
      if (!hold.at(chunk.toString("latin1"))) return true;
      isHeld = true;
      // What Redis answers next comes after the command: it has been carried out.
      if (hold.carriedOut) upstream.once("data", () => resolve());
      else resolve();
      return hold.carriedOut;
    },
    answers: () => !isHeld,
  });
  return { ...front, held };
}
