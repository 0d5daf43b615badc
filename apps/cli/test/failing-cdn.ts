import { startHttpFront } from "./http-front.ts";

/**
 * Stands before a twin, which then names this address in its links. While it is down, every result but the first that
 * was ever asked for, a portrait's main picture, answers 503.
 */
export async function startFailingCdn() {
  let isDown = true;
  let refused = 0;
  let main: string | undefined;
  const front = await startHttpFront(undefined, {
    answers: ({ url = "/" }, response) => {
      if (!url.startsWith("/cdn/")) return false;
      main ??= url;
      if (!isDown || url === main) return false;
      refused += 1;
      response.writeHead(503).end();
      return true;
    },
  });
  return {
    ...front,
    recover: () => void (isDown = false),
    /** Downloads that were answered 503. */
    refused: () => refused,
  };
}
