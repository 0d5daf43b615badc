import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Programs conventionally use ports below this range, and the system assigns ports above it. */
const LOWEST = 20_000;

/**
 * Finds a TCP port of 127.0.0.1 that is currently free. Another process may take it first, so the caller must be able
 * to retry with another port.
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
        else reject(new Error("the system assigned no port"));
      });
    });
  });
}
