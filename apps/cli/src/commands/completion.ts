import tab from "@bomb.sh/tab/commander";
import type { Command } from "commander";

/** `darkroom completion`. Must be added after all other commands. */
export function addCompletionCommand(program: Command): void {
  tab(program, { completionCommandName: "completion" });
  const completion = program.commands.find((command) => command.name() === "completion");
  completion
    ?.description("Prints a script that completes commands, options and their values in a shell.")
    .addHelpText("after", COMPLETION_HELP);
}

const COMPLETION_HELP = `
Examples, for the start-up file of the shell:
  $ source <(darkroom completion bash)
  $ source <(darkroom completion zsh)
  $ darkroom completion fish | source
  $ darkroom completion powershell | Out-String | Invoke-Expression`;
