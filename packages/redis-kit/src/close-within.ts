/** A node of Redis that has just died may never answer a goodbye. */
const CLOSE_MS = 5_000;

/**
 * Takes leave of Redis in some way (a queue's end, a last heartbeat), and goes on after a while where no answer comes; the
 * connection is cut next.
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
