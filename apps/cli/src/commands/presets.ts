import type { Command } from "commander";
import { INTENSITIES, MODES, PRESET_NAMES, PRESETS, USE_CASES } from "@darkroom/core";
import { runAction, type Surroundings } from "../run-command.ts";
import { tableText } from "../table.ts";

/** `darkroom presets`. */
export function addPresetsCommand(program: Command, surroundings: Surroundings): void {
  const presets = program
    .command("presets")
    .summary("list presets and options")
    .description("Lists the presets, modes, intensities and use cases.")
    .addHelpText("after", "\nExample:\n  $ darkroom presets --json | jq -r '.presets[].name'")
    .action(async () => {
      await runAction(surroundings, presets, async ({ terminal }) => {
        const rows = PRESET_NAMES.map((name) => ({ name, title: PRESETS[name].title, outcome: PRESETS[name].outcome }));
        if (terminal.json) {
          terminal.data({ presets: rows, modes: MODES, intensities: INTENSITIES, useCases: USE_CASES });
          return;
        }
        terminal.say(
          tableText(
            ["PRESET", "LOOKS"],
            rows.map(({ name, outcome }) => [name, outcome]),
          ),
        );
        terminal.say(`\n--mode ${MODES.join(" | ")}   --intensity ${INTENSITIES.join(" | ")}`);
        terminal.say(`--use-case ${USE_CASES.join(" | ")}`);
      });
    });
}
