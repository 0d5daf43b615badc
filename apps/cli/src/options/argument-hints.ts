import type { CommanderError } from "commander";

/** Options that consume all following arguments, as written by `--help`: `--include <glob...>`. */
const TAKES_ALL = ["--include", "--exclude", "--carry", "--manifest-sources", "--preserve", "--code"];

/**
 * Adds what commander's message omits: why an argument is missing although the user typed it, or why there are too
 * many.
 *
 * @param args the arguments as typed
 * @returns a sentence, or undefined if commander's message suffices
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
