/** A Redis node that has just died may never answer a QUIT. */
const CLOSE_MS = 5_000;

/**
 * Closes a Redis client in some way (a queue's end, a last heartbeat), but waits only briefly for an answer, because
 * the connection is cut next.
 */
export async function closeWithin(close: () => Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_MS)));
  try {
    await Promise.race([close(), late]);
  } finally {
    clearTimeout(timer);
  }
}
