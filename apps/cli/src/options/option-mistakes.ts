import { InvalidArgumentError, type Command, type Option } from "commander";
import { CommandError, EXIT } from "../exit-codes.ts";

/** Maximum number of mistakes shown. */
const MAX_SHOWN = 20;

/**
 * Reports all options with invalid values together, because commander stops at the first. Prints commander's other
 * errors below them.
 */
export function tellAllMistakes(command: Command): void {
  const mistakes: string[] = [];
  for (const option of command.options) collectFrom(option, mistakes);
  const end = command.error.bind(command);
  command.error = (message, options) => end(listed([...mistakes.splice(0), message]), options);
  command.hook("preAction", () => {
    const last = mistakes.pop();
    if (last !== undefined) command.error(last, { code: "commander.invalidArgument" });
  });
}

function collectFrom(option: Option, mistakes: string[]): void {
  const { parseArg, flags } = option;
  if (parseArg === undefined) return;
  option.parseArg = <T>(value: string, previous: T): T => {
    try {
      return parseArg(value, previous);
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      mistakes.push(`error: option '${flags}' argument '${value}' is invalid. ${error.message}`);
      return previous;
    }
  };
}

/**
 * Runs all checks, and throws one error with everything that they found.
 *
 * @throws CommandError with exit code 2
 */
export function refuseForAll(checks: readonly (() => unknown)[]): void {
  refuse(
    checks.flatMap((check) => {
      try {
        check();
        return [];
      } catch (error) {
        if (!(error instanceof CommandError) || error.exitCode !== EXIT.usage) throw error;
        return [error.message];
      }
    }),
  );
}

/** @throws CommandError with exit code 2 if there are any sentences */
export function refuse(sentences: readonly string[]): void {
  if (sentences.length > 0) throw new CommandError(EXIT.usage, listed(sentences));
}

function listed(sentences: readonly string[]): string {
  const more = sentences.length - MAX_SHOWN;
  return [...sentences.slice(0, MAX_SHOWN), ...(more > 0 ? [`and ${more} more`] : [])].join("\n");
}
