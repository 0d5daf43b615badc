import process from "node:process";

/**
 * Node options that keep the heap small. With much memory, V8's default young generation takes 100 MiB or more, and its
 * old generation several times the live data. `small` is for processes with time for garbage collection, `fast` for
 * those whose portraits wait for the CPU (`small` would cost a worker 10 % of its throughput).
 */
export const HEAP_FLAGS = {
  small: ["--max-semi-space-size=16", "--heap-growing-percent=50"],
  // Without the second option, V8 collects the whole heap after every 64 MiB of new buffers, that is, once per few
  // large pictures.
  fast: ["--max-semi-space-size=32", "--external-memory-accounted-in-global-limit"],
} as const;
const CHOSEN = "--max-semi-space-size";

/**
 * Fixes glibc's threshold for returning freed blocks to the system. glibc raises the threshold with every large freed
 * block, such as a picture, so that a worker held twice the memory that it needed.
 */
export const MALLOC_SETTING = { MALLOC_MMAP_THRESHOLD_: String(1_024 * 1_024) } as const;

/**
 * Restarts this process in place, with the same id and a limited heap, because V8 reads such limits only at the start.
 * Does nothing if the young generation's size is already set on the command line or in `NODE_OPTIONS`. Call this before
 * anything else is loaded or opened.
 */
export function limitHeap(kind: keyof typeof HEAP_FLAGS): void {
  const { argv, env, execArgv, execPath } = process;
  if ([...execArgv, env["NODE_OPTIONS"] ?? ""].some((option) => option.includes(CHOSEN))) return;
  // Windows has no `execve`, so it keeps the defaults.
  process.execve?.(execPath, [execPath, ...HEAP_FLAGS[kind], ...execArgv, ...argv.slice(1)], {
    ...MALLOC_SETTING,
    ...env,
  });
}
