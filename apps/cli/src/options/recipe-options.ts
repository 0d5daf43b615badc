import { isCancel, select } from "@clack/prompts";
import { InvalidArgumentError, Option, type Command } from "commander";
import {
  FACE_POLICIES,
  INTENSITIES,
  LIKENESS_POLICIES,
  MODES,
  OUTPUT_FORMAT_WORDS,
  hasModes,
  outputSchema,
  PRESET_NAMES,
  promptWarnings,
  PROVIDERS,
  recipeChangeSchema,
  recipeInputSchema,
  retrySchema,
  USE_CASES,
  type Delivery,
  type ProviderName,
  type RecipeChange,
  type RecipeInput,
  type RetryPolicy,
} from "@darkroom/core";
import { checkedValue, toNumber } from "./checked-value.ts";
import { parseDurationMs } from "./duration.ts";
import { CommandError, EXIT, Interrupted } from "../exit-codes.ts";
import { readDeliveries } from "./delivery-option.ts";
import { refuse, refuseForAll } from "./option-mistakes.ts";
import { withOptionName } from "./option-names.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** Options of a recipe's retry limits. */
interface PatienceOptions {
  readonly attempts?: number;
  /** Ms. */
  readonly backoff?: number;
  /** Ms. */
  readonly backoffCap?: number;
}

/** Options that change a recipe. */
export interface RecipeChangeOptions extends PatienceOptions {
  readonly preset?: string;
  readonly prompt?: string;
  readonly mode?: string;
  readonly intensity?: string;
  readonly useCase?: string;
  readonly preserve?: readonly string[];
  readonly outcome?: string;
  /** Answer to any question that the provider's agent asks. */
  readonly answer?: string;
  /** The treatment of a photo without a face. */
  readonly faces?: string;
  /** The treatment of a result whose face does not match its photo's. */
  readonly likeness?: string;
}

/** Options of a recipe. */
export interface RecipeOptions extends RecipeChangeOptions {
  readonly provider?: string;
  readonly format?: string;
  readonly deliver?: readonly Delivery[];
  readonly variations?: number;
}

/** Adds the options of a new recipe. */
export function addRecipeOptions(command: Command): Command {
  addWishes(command, {
    mode: ". Required for each-sense",
    intensity: "defaults to subtle",
    useCase: "defaults to headshot",
  });
  command
    .addOption(
      group(new Option("--format <format>", "format of the result; defaults to that of the source")).choices(
        OUTPUT_FORMAT_WORDS,
      ),
    )
    .addOption(
      group(
        new Option("--deliver <cuts>", "cuts of each result, like linkedin,website:webp; see docs/recipes.md"), //
      ).argParser(readDeliveries),
    )
    .addOption(group(new Option("--provider <name>", "defaults to each-sense")).choices(PROVIDERS))
    .addOption(
      group(new Option("--variations <n>", "pictures per portrait, 1 to 4; more than one with phota only")) //
        .argParser(checkedValue(outputSchema.shape.variations, toNumber)),
    );
  return addPatience(command);
}

/** Adds the options of a changed recipe. Fields without an option stay unchanged. */
export function addRecipeChangeOptions(command: Command): Command {
  return addPatience(
    addWishes(command, { mode: "", intensity: "how strong the change is", useCase: "what the portrait is for" }),
  );
}

function group(option: Option): Option {
  return option.helpGroup("Recipe:");
}

function addWishes(
  command: Command,
  more: { readonly mode: string; readonly intensity: string; readonly useCase: string },
): Command {
  return command
    .addOption(group(new Option("--preset <name>", "one of the presets (see darkroom presets)")).choices(PRESET_NAMES))
    .addOption(group(new Option("--prompt <words>", "your own prompt instead of a preset")))
    .addOption(group(new Option("--mode <mode>", `eco: fast and cheap; max: high quality${more.mode}`)).choices(MODES))
    .addOption(group(new Option("--intensity <strength>", more.intensity)).choices(INTENSITIES))
    .addOption(group(new Option("--use-case <use>", more.useCase)).choices(USE_CASES))
    .addOption(group(new Option("--preserve <what...>", 'what must not change: "the glasses"')))
    .addOption(group(new Option("--outcome <words>", "the desired look, in words")))
    .addOption(
      group(new Option("--answer <words>", "the answer to a question of the provider, given once per portrait")),
    );
}

function addPatience(command: Command): Command {
  const { attempts, backoffBaseMs, backoffCapMs } = retrySchema.shape;
  return command
    .addOption(
      group(
        new Option("--faces <policy>", "photos without a face: refuse them (default), warn in the report, or off"), //
      ).choices(FACE_POLICIES),
    )
    .addOption(
      group(
        new Option("--likeness <policy>", "results whose face is not the photo's: review (default), strict, or off"),
      ).choices(LIKENESS_POLICIES),
    )
    .addOption(
      group(new Option("--attempts <n>", "provider failures after which a portrait fails")) //
        .argParser(checkedValue(attempts, toNumber)),
    )
    .addOption(
      group(new Option("--backoff <duration>", "the longest wait after the first failure: 15s; it doubles each time")) //
        .argParser(checkedValue(backoffBaseMs, toMilliseconds)),
    )
    .addOption(
      group(new Option("--backoff-cap <duration>", "the longest wait of all: 10m")) //
        .argParser(checkedValue(backoffCapMs, toMilliseconds)),
    );
}

function toMilliseconds(text: string): number {
  const value = parseDurationMs(text);
  if (value === undefined) throw new InvalidArgumentError("It must be a duration with its unit, like 15s or 10m.");
  return value;
}

const MODE_NEEDED =
  "--mode is required: --mode eco (fast and cheap: previews, drafts, bulk) or --mode max (high quality: final work, print).";

/**
 * Reads the recipe from the options. Asks for the mode if the user can answer. Prints warnings to stderr, except in a
 * dry run, whose output contains them.
 *
 * @throws CommandError with exit code 2
 */
export async function readRecipe(
  options: RecipeOptions & { readonly dryRun?: boolean },
  terminal: Terminal,
): Promise<RecipeInput> {
  const { preset, prompt, intensity, useCase, preserve, provider, outcome, format, deliver, answer, faces, likeness } =
    options;
  const lacksMode = options.mode === undefined && needsMode(provider);
  checkRecipe(options, terminal);
  const mode = lacksMode ? await askMode(terminal) : options.mode;
  const retry = retryOf(options);
  const wishes = { preset, prompt, mode, intensity, useCase, preserve, provider, outcome, retry, faces, likeness };
  const wished = given({ ...wishes, clarificationAnswer: answer });
  const output = given({ format, variations: options.variations, deliveries: deliver });
  const parsed = recipeInputSchema.safeParse({ ...wished, ...(Object.keys(output).length === 0 ? {} : { output }) });
  if (!parsed.success) throw badRecipe(parsed.error.issues);
  if (options.dryRun !== true) warnOfPrompt(prompt, terminal);
  return parsed.data;
}

/**
 * Reads the recipe's changes from the options; undefined when there are none. Prints warnings to stderr.
 *
 * @throws CommandError with exit code 2
 */
export function readRecipeChange(options: RecipeChangeOptions, terminal: Terminal): RecipeChange | undefined {
  const { preset, prompt, mode, intensity, useCase, preserve, outcome, answer, faces, likeness } = options;
  if (preset !== undefined && prompt !== undefined) {
    throw new CommandError(EXIT.usage, 'Give only one of the two: --preset <name> or --prompt "your own words".');
  }
  const retry = retryOf(options);
  const wishes = { preset, prompt, mode, intensity, useCase, preserve, outcome, retry, faces, likeness };
  const wished = given({ ...wishes, clarificationAnswer: answer });
  if (Object.keys(wished).length === 0) return undefined;
  const parsed = recipeChangeSchema.safeParse(wished);
  if (!parsed.success) throw badRecipe(parsed.error.issues);
  warnOfPrompt(prompt, terminal);
  return parsed.data;
}

/**
 * Rejects options that are not a valid recipe.
 *
 * @throws CommandError with exit code 2, naming all problems
 */
export function checkRecipe(options: RecipeOptions, terminal: Pick<Terminal, "canAsk">): void {
  const lacksMode = options.mode === undefined && needsMode(options.provider) && !terminal.canAsk;
  refuseForAll([() => checkWish(options), () => refuse(lacksMode ? [MODE_NEEDED] : []), () => retryOf(options)]);
}

function needsMode(provider: string | undefined): boolean {
  return provider === undefined || !isProvider(provider) || hasModes(provider);
}

/** Requires exactly one of preset and prompt. */
function checkWish({ preset, prompt }: RecipeOptions): void {
  if ((preset === undefined) !== (prompt === undefined)) return;
  const wish = preset === undefined ? "Say what to do" : "Give only one of the two";
  refuse([`${wish}: --preset <name> (darkroom presets lists them) or --prompt "your own words".`]);
}

function isProvider(name: string): name is ProviderName {
  return PROVIDERS.some((known) => known === name);
}

function retryOf({ attempts, backoff, backoffCap }: PatienceOptions): RetryPolicy | undefined {
  if (backoff !== undefined && backoffCap !== undefined && backoffCap < backoff) {
    throw new CommandError(EXIT.usage, "--backoff-cap is the longest wait: it cannot be shorter than --backoff.");
  }
  const retry = given({ attempts, backoffBaseMs: backoff, backoffCapMs: backoffCap });
  return Object.keys(retry).length === 0 ? undefined : retry;
}

function given(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function badRecipe(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): CommandError {
  const sentences = issues.map(({ path, message }) => {
    return withOptionName(`--${path.filter((part) => part !== "output").join(".") || "recipe"}: ${message}.`);
  });
  return new CommandError(EXIT.usage, sentences.join("\n"));
}

function warnOfPrompt(prompt: string | undefined, terminal: Terminal): void {
  if (prompt !== undefined) for (const warning of promptWarnings(prompt)) terminal.note(`Note: ${warning}`);
}

async function askMode(terminal: Terminal): Promise<string> {
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
