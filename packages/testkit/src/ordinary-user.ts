import process from "node:process";

/** "nobody" of Unix systems. */
const NOBODY = 65_534;

/**
 * Runs `action` with the rights of an ordinary user, for tests of what a system denies: root is denied nothing. The
 * whole process has these rights meanwhile, so nothing else may run in it.
 */
export async function asOrdinaryUser<T>(action: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return await action();
  process.seteuid?.(NOBODY);
  try {
    return await action();
  } finally {
    process.seteuid?.(0);
  }
}
