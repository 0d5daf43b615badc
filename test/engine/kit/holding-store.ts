import { startHttpFront } from "@darkroom/testkit";

/**
 * Starts a proxy in front of a real S3 server. For a PUT to a held path, it forwards only the headers and first bytes.
 */
export async function startHoldingStore(endpoint: string, holds: (path: string) => boolean) {
  const { promise: held, resolve } = Promise.withResolvers<void>();
  const front = await startHttpFront(endpoint, {
    sends: (message, onward) => {
      if (message.method !== "PUT" || !holds(message.url ?? "/")) return false;
      message.once("data", (chunk: Buffer) => {
        message.pause();
        onward.write(chunk.subarray(0, Math.floor(chunk.length / 2)), () => resolve());
      });
      return true;
    },
  });
  return { ...front, held };
}
