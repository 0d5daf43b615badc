import { isCancel, select } from "@clack/prompts";
import { Option, type Command } from "commander";
import {
  INTENSITIES,
  MODES,
  OUTPUT_FORMATS,
  PRESET_NAMES,
  promptWarnings,
  PROVIDERS,
  recipeInputSchema,
  USE_CASES,
  type RecipeInput,
} from "@darkroom/core";
import { CommandError, EXIT, Interrupted } from "./exit-codes.ts";
import type { Terminal } from "./terminal.ts";

/** What a person says about a recipe on the command line. */
export interface RecipeOptions {
  readonly preset?: string;
  readonly prompt?: string;
  readonly mode?: string;
  readonly intensity?: string;
  readonly useCase?: string;
  readonly preserve?: readonly string[];
  readonly provider?: string;
  readonly outcome?: string;
  readonly format?: string;
}

export function addRecipeOptions(command: Command): Command {
  const group = (option: Option): Option => option.helpGroup("Recipe:");
  return command
    .addOption(group(new Option("--preset <name>", "one of the presets (see darkroom presets)")).choices(PRESET_NAMES))
    .addOption(group(new Option("--prompt <words>", "your own words in place of a preset")))
    .addOption(
      group(new Option("--mode <mode>", "eco: fast and cheap; max: high quality. Must be named")).choices(MODES),
    )
    .addOption(group(new Option("--intensity <strength>", "defaults to subtle")).choices(INTENSITIES))
    .addOption(group(new Option("--use-case <use>", "defaults to headshot")).choices(USE_CASES))
    .addOption(group(new Option("--preserve <what...>", 'what must stay as it is: "the glasses"')))
    .addOption(group(new Option("--outcome <words>", "the wished look, in words")))
    .addOption(
      group(new Option("--format <format>", "kind of picture; defaults to the source's own")).choices(OUTPUT_FORMATS),
    )
    .addOption(group(new Option("--provider <name>", "defaults to each-sense")).choices(PROVIDERS));
}

const MODE_NEEDED =
  "--mode must be named: --mode eco (fast and cheap: previews, drafts, bulk) or --mode max (high quality: final work, print).";

/**
 * The recipe of the options; asks for the mode where a person can answer. Warnings go to stderr.
 *
 * @throws CommandError with exit code 2
 */
export async function readRecipe(options: RecipeOptions, terminal: Terminal): Promise<RecipeInput> {
  const { preset, prompt, intensity, useCase, preserve, provider, outcome, format } = options;
  if ((preset === undefined) === (prompt === undefined)) {
    const wish = preset === undefined ? "Name what is to be done" : "Give only one of the two";
    throw new CommandError(
      EXIT.usage,
      `${wish}: --preset <name> (darkroom presets lists them) or --prompt "your own words".`,
    );
  }
  const mode = options.mode ?? (await askMode(terminal));
  const wished = { preset, prompt, mode, intensity, useCase, preserve, provider, outcome };
  const given = Object.fromEntries(Object.entries(wished).filter(([, value]) => value !== undefined));
  const parsed = recipeInputSchema.safeParse({ ...given, ...(format === undefined ? {} : { output: { format } }) });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new CommandError(EXIT.usage, `--${issue?.path.join(".") ?? "recipe"}: ${issue?.message ?? "is not valid"}.`);
  }
  if (prompt !== undefined) for (const warning of promptWarnings(prompt)) terminal.note(`Note: ${warning}`);
  return parsed.data;
}

async function askMode(terminal: Terminal): Promise<string> {
  if (!terminal.canAsk) throw new CommandError(EXIT.usage, MODE_NEEDED);
  const answer = await select({
    message: "Fast and cheap, or high quality?",
    options: [
      { value: "eco", label: "Fast and cheap (eco)", hint: "previews, drafts, bulk" },
      { value: "max", label: "High quality (max)", hint: "final work, print" },
    ],
    input: terminal.streams.stdin,
    output: terminal.streams.stderr,
  });
  if (isCancel(answer)) throw new Interrupted();
  return answer;
}
