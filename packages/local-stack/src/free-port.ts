import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Below this no program of a person's own listens by custom, and above are those that the system gives out. */
const LOWEST = 20_000;

/**
 * A TCP port of 127.0.0.1 that was free a moment ago. Another process may take it first: whoever uses it must be ready
 * to try again with another.
 *
 * @param below only ports below this one
 */
export async function freePort(below?: number): Promise<number> {
  if (below === undefined) return await tryPort(0);
  for (;;) {
    const port = await tryPort(randomInt(LOWEST, below)).catch(() => undefined);
    if (port !== undefined) return port;
  }
}

function tryPort(wished: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(wished, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === "object") resolve(address.port);
        else reject(new Error("the system gave no port"));
      });
    });
  });
}
