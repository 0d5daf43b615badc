import { startHttpFront } from "@darkroom/testkit";

/** Selects requests, given as `METHOD /path`. */
type Kind = (asked: string) => boolean;

/** Starts a proxy in front of a provider that holds selected requests until they are released. */
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
    /** Held requests, as `METHOD /path`. */
    held: (): readonly string[] => waiting.map(({ asked }) => asked),
    /** Also holds these requests from now on. */
    hold: (which: Kind) => void (holds = which),
    /** Forwards the held requests that match, and all later ones that match. */
    release: (which: Kind = () => true) => {
      const before = holds;
      holds = (asked) => !which(asked) && before(asked);
      const going = waiting.filter(({ asked }) => which(asked));
      waiting = waiting.filter(({ asked }) => !which(asked));
      for (const { pass } of going) pass();
    },
  };
}
