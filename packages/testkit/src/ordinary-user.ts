import process from "node:process";

/** User id of `nobody` on Unix systems. */
const NOBODY = 65_534;

/**
 * Runs `action` as an ordinary user, for tests of denied permissions, because root is never denied. The whole process
 * has these permissions in the meantime, so nothing else may run in it.
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
