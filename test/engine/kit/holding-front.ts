import { startHttpFront } from "@darkroom/testkit";

/** Which requests, each told as `METHOD /path`. */
type Kind = (asked: string) => boolean;

/** Stands before a provider, and lets requests of a kind wait until it is told to pass them on. */
export async function startHoldingFront() {
  let holds: Kind = () => false;
  let waiting: { readonly asked: string; readonly pass: () => void }[] = [];
  const front = await startHttpFront(undefined, {
    answers: async ({ method = "", url = "/" }) => {
      const asked = `${method} ${url}`;
      if (holds(asked)) await new Promise<void>((pass) => waiting.push({ asked, pass }));
      return false;
    },
  });
  return {
    ...front,
    /** What waits, as `METHOD /path`. */
    held: (): readonly string[] => waiting.map(({ asked }) => asked),
    /** From now on these wait, beside those that wait already. */
    hold: (which: Kind) => void (holds = which),
    /** Passes on what waits, or those of a kind; what comes from now on passes if it is of that kind. */
    release: (which: Kind = () => true) => {
      const before = holds;
      holds = (asked) => !which(asked) && before(asked);
      const going = waiting.filter(({ asked }) => which(asked));
      waiting = waiting.filter(({ asked }) => !which(asked));
      for (const { pass } of going) pass();
    },
  };
}
