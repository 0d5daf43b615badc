import process from "node:process";

/**
 * Rows stream through a producer as short-lived objects. On a machine with much memory V8's default young generation
 * takes 100 MiB and more for them, and lets the garbage that it promotes wait.
 */
const FLAG = "--max-semi-space-size";
const SEMI_SPACE_MIB = 16;

/**
 * Starts this process anew, in place and under the same id, with a small young generation; does nothing where one is
 * chosen already, on the command line or in `NODE_OPTIONS`. V8 reads the limit only when it starts. Call it before
 * anything else is loaded or opened.
 */
export function limitYoungGeneration(): void {
  const { argv, env, execArgv, execPath } = process;
  if ([...execArgv, env["NODE_OPTIONS"] ?? ""].some((option) => option.includes(FLAG))) return;
  // Not on Windows, where the default stays.
  process.execve?.(execPath, [execPath, `${FLAG}=${SEMI_SPACE_MIB}`, ...execArgv, ...argv.slice(1)], env);
}
