import type { CommanderError } from "commander";

/** Options that take every argument that follows them, as `--help` writes them: `--include <glob...>`. */
const TAKES_ALL = ["--include", "--exclude", "--carry", "--manifest-sources", "--preserve", "--code"];

/**
 * What commander's message leaves out: why arguments are missing that were typed, or too many that were not meant.
 *
 * @param args as they were typed
 * @returns a sentence, or undefined where the message says enough
 */
export function argumentHint({ code }: Pick<CommanderError, "code">, args: readonly string[]): string | undefined {
  if (code === "commander.missingArgument") {
    const option = TAKES_ALL.find((flag) => args.includes(flag));
    if (option === undefined) return undefined;
    const value = args[args.indexOf(option) + 1] ?? "value";
    return `${option} takes every argument that follows it: write ${option}='${value}', or put it last.`;
  }
  if (code === "commander.excessArguments") {
    return 'Put quotes around a name with spaces: "Client Miller Ltd".';
  }
  return undefined;
}
