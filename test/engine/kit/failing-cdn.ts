import { startHttpFront } from "@darkroom/testkit";

/**
 * A proxy in front of a simulator that uses the proxy's address in links. While it is down, every result responds with
 * 503, except the first one requested (a portrait's main picture), which responds with 404 once it is lost.
 */
export async function startFailingCdn() {
  let isDown = true;
  let isMainLost = false;
  let refused = 0;
  let main: string | undefined;
  const front = await startHttpFront(undefined, {
    answers: ({ url = "/" }, response) => {
      if (!url.startsWith("/cdn/")) return false;
      main ??= url;
      const isMain = url === main;
      if (isMain ? !isMainLost : !isDown) return false;
      if (!isMain) refused += 1;
      response.writeHead(isMain ? 404 : 503).end();
      return true;
    },
  });
  return {
    ...front,
    recover: () => void (isDown = false),
    loseMain: () => void (isMainLost = true),
    /** Number of downloads that got a 503. */
    refused: () => refused,
  };
}
