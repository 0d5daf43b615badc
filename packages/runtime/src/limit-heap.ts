import process from "node:process";

/**
 * Rows, pictures and answers go through a process as short-lived objects. On a machine with much memory V8's default
 * young generation takes 100 MiB and more for them, and the old one may grow to several times of what is alive. These are
 * Node's options against that: `small` for what has time to collect, `fast` where portraits wait for the CPU (a smaller
 * heap, or fewer heaps of the C library, cost a worker a tenth of its throughput).
 */
export const HEAP_FLAGS = {
  small: ["--max-semi-space-size=16", "--heap-growing-percent=50"],
  fast: ["--max-semi-space-size=32"],
} as const;
const CHOSEN = "--max-semi-space-size";

/**
 * The C library (glibc; others know no such variable) gives a freed block back to the system only where it was asked for
 * on its own, and raises the size from which it does so with every large block that is freed. Pictures are such blocks:
 * a worker that decoded a few at a time held twice as much as they need. A fixed size keeps what is free out of it.
 */
export const MALLOC_SETTING = { MALLOC_MMAP_THRESHOLD_: String(1_024 * 1_024) } as const;

/**
 * Starts this process anew, in place and under the same id, with a heap that stays small; does nothing where a size of
 * the young generation is chosen already, on the command line or in `NODE_OPTIONS`. V8 reads such limits only when it
 * starts. Call it before anything else is loaded or opened.
 */
export function limitHeap(kind: keyof typeof HEAP_FLAGS): void {
  const { argv, env, execArgv, execPath } = process;
  if ([...execArgv, env["NODE_OPTIONS"] ?? ""].some((option) => option.includes(CHOSEN))) return;
  // Not on Windows, where the defaults stay.
  process.execve?.(execPath, [execPath, ...HEAP_FLAGS[kind], ...execArgv, ...argv.slice(1)], {
    ...MALLOC_SETTING,
    ...env,
  });
}
