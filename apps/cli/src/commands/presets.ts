import type { Command } from "commander";
import { recipeChoices } from "@darkroom/core";
import { runAction, type Surroundings } from "../run-command.ts";
import { tableText } from "../text/table.ts";

/** `darkroom presets`. */
export function addPresetsCommand(program: Command, surroundings: Surroundings): void {
  const presets = program
    .command("presets")
    .description("Lists the presets, modes, intensities and use cases.")
    .addHelpText("after", "\nExample:\n  $ darkroom presets --json | jq -r '.presets[].name'")
    .action(async () => {
      await runAction(surroundings, presets, async ({ terminal }) => {
        const choices = recipeChoices();
        if (terminal.json) return terminal.data(choices);
        terminal.say(
          tableText(
            ["PRESET", "WHAT IT MAKES"],
            choices.presets.map(({ name, outcome }) => [name, `The portrait looks ${outcome}.`]),
          ),
        );
        terminal.say(`\n--mode ${choices.modes.join(" | ")}   --intensity ${choices.intensities.join(" | ")}`);
        terminal.say(`--use-case ${choices.useCases.join(" | ")}`);
      });
    });
}
