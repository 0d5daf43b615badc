import { Command, CommanderError } from "commander";
import manifest from "../package.json" with { type: "json" };
import { isDarkroomError, messageOf } from "@darkroom/core/errors";
import { COMMAND_MODULES, COMPLETION_COMMANDS, namedCommand } from "./commands.ts";
import { argumentHint } from "./options/argument-hints.ts";
import { EXIT, exitCodeOfError, Interrupted, type ExitCode } from "./exit-codes.ts";
import { tellAllMistakes } from "./options/option-mistakes.ts";
import { withOptionName } from "./options/option-names.ts";
import type { Surroundings } from "./run-command.ts";
import type { Streams } from "./terminal/terminal.ts";
import { wrapHelp } from "./text/wrap-help.ts";

/**
 * Commands that {@link createProgram} defines completely: one by name, or all. Other commands get only a name and a
 * summary.
 */
export type WantedCommands = { readonly name: string | undefined } | "all";

/** Builds the program, with `--json` on each of its commands. */
export async function createProgram(surroundings: Surroundings, wanted: WantedCommands): Promise<Command> {
  const { stdout, stderr } = surroundings.streams;
  const program = new Command("darkroom")
    .description(
      "Enhances folders of portraits in batches through slow AI photo providers: nothing is lost, nothing is paid for twice.",
    )
    .configureOutput({
      writeOut: (text) => stdout.write(wrapHelp(text, widthOf(stdout))),
      writeErr: (text) => stderr.write(wrapHelp(text, widthOf(stderr))),
      getOutHelpWidth: () => widthOf(stdout) ?? NO_TERMINAL_WIDTH,
      getErrHelpWidth: () => widthOf(stderr) ?? NO_TERMINAL_WIDTH,
    })
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .version(manifest.version)
    .exitOverride()
    .showSuggestionAfterError()
    .addHelpText("after", PROGRAM_HELP);
  const knowsAll = wanted === "all" || completes(wanted);
  for (const { group, summaries, load } of COMMAND_MODULES) {
    program.commandsGroup(group);
    const names = Object.keys(summaries);
    const isWanted = knowsAll || names.some((name) => name === wanted.name);
    if (isWanted) (await load())(program, surroundings);
    else for (const name of names) program.command(name);
    for (const command of program.commands) command.summary(summaries[command.name()] ?? command.summary());
  }
  for (const command of leaves(program)) {
    command.option("--json", "JSON on stdout, everything else on stderr");
    tellAllMistakes(command);
  }
  await addCompletion(program, wanted);
  return program;
}

/** True for the commands that complete all others. */
function completes(wanted: WantedCommands): boolean {
  return wanted !== "all" && COMPLETION_COMMANDS.some((name) => name === wanted.name);
}

/** Adds `completion` when it is wanted, otherwise only its line in the program's help. */
async function addCompletion(program: Command, wanted: WantedCommands): Promise<void> {
  if (wanted === "all") return;
  if (completes(wanted)) (await import("./commands/completion.ts")).addCompletionCommand(program);
  else program.command("completion").summary("print a script that completes commands in a shell");
}

/** The width of help that is not shown in a terminal. */
const NO_TERMINAL_WIDTH = 80;

/** Returns a terminal's columns. */
function widthOf(stream: Streams["stdout"]): number | undefined {
  return stream.isTTY === true ? stream.columns : undefined;
}

/** Runs the command line and returns its exit code. Never throws. */
export async function runProgram(args: readonly string[], surroundings: Omit<Surroundings, "exit">): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  const wanted = { name: namedCommand(args) };
  const program = await createProgram({ ...surroundings, exit: (of) => (code = of) }, wanted);
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    // Commander has already printed the message.
    if (error instanceof CommanderError) {
      const hint = argumentHint(error, args);
      if (hint !== undefined) surroundings.streams.stderr.write(`${hint}\n`);
      return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    }
    surroundings.streams.stderr.write(`darkroom: ${withOptionName(messageOf(error))}\n`);
    const exitCode = exitCodeOfError(error);
    // An interrupted command has already printed its batch's state.
    const isTold = error instanceof Interrupted;
    if (args.includes("--json") && !isTold)
      surroundings.streams.stdout.write(`${JSON.stringify(errorJson(error, exitCode))}\n`);
    return exitCode;
  }
}

/** Returns the `--json` output of a failed command. */
function errorJson(error: unknown, exitCode: ExitCode): object {
  const { code, field } = isDarkroomError(error) ? error : { code: undefined, field: undefined };
  const named = { ...(code === undefined ? {} : { code }), ...(field === undefined ? {} : { field }) };
  return { error: { message: messageOf(error), exitCode, ...named } };
}

function leaves(command: Command): readonly Command[] {
  return command.commands.flatMap((each) => (each.commands.length === 0 ? [each] : leaves(each)));
}

const PROGRAM_HELP = `
Start here:
  $ darkroom demo                                                   see it work, no key needed
  $ darkroom enhance ./photos ./enhanced --preset professional-polish --mode eco --twin

With DARKROOM_API_URL it uses that API; otherwise the stack of darkroom start in this folder, or it does all the
work itself. Settings are environment variables: see docs/configuration.md. Exit codes: see docs/cli.md. Which files a
batch leaves, and which of them may be deleted: see docs/first-batch.md (darkroom clean).`;
