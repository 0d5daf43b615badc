/**
 * Runs a task repeatedly, each run `everyMs` after the end of the last one. Does not keep the process alive.
 *
 * @param task must not throw; its argument tells whether the repetition was stopped in the meantime
 * @returns a function that stops the repetition
 */
export function repeat(task: (isStopped: () => boolean) => Promise<void>, everyMs: number): () => void {
  let stopped = false;
  let timer: NodeJS.Timeout;
  const next = (): void => {
    timer = setTimeout(() => void run(), everyMs);
    timer.unref();
  };
  const run = async (): Promise<void> => {
    await task(() => stopped);
    if (!stopped) next();
  };
  next();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
