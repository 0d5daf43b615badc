import process from "node:process";

/**
 * Rows, pictures and answers go through a process as short-lived objects. On a machine with much memory V8's default
 * young generation takes 100 MiB and more for them, the old one may grow to several times of what is alive, and the C
 * library keeps a heap for each thread that ever decoded a picture. These are Node's options against the first two.
 */
export const HEAP_FLAGS = ["--max-semi-space-size=16", "--heap-growing-percent=50"];
const CHOSEN = "--max-semi-space-size";
/** Of glibc; others do not know it. */
const ARENAS = { MALLOC_ARENA_MAX: "2" } as const;

/** The environment with the variables that go with {@link HEAP_FLAGS}; what is set already stays. */
export function heapEnvironment<E extends object>(environment: E): E & typeof ARENAS {
  return { ...ARENAS, ...environment };
}

/**
 * Starts this process anew, in place and under the same id, with a heap that stays small; does nothing where a size of
 * the young generation is chosen already, on the command line or in `NODE_OPTIONS`. V8 reads such limits only when it
 * starts. Call it before anything else is loaded or opened.
 */
export function limitHeap(): void {
  const { argv, env, execArgv, execPath } = process;
  if ([...execArgv, env["NODE_OPTIONS"] ?? ""].some((option) => option.includes(CHOSEN))) return;
  // Not on Windows, where the defaults stay.
  process.execve?.(execPath, [execPath, ...HEAP_FLAGS, ...execArgv, ...argv.slice(1)], heapEnvironment(env));
}
