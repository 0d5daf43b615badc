/** Limits the wait, because a Redis node that has just died may never reply to a QUIT. */
const CLOSE_MS = 5_000;

/**
 * Closes a Redis client in some way (the end of a queue, a last heartbeat), but waits only briefly for a reply, because
 * the connection is closed next.
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
