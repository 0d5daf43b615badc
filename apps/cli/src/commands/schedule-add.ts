import { Option, type Command } from "commander";
import {
  DEFAULT_PROVIDER,
  MISSED_POLICIES,
  OVERLAP_POLICIES,
  type MissedPolicy,
  type OverlapPolicy,
} from "@darkroom/core";
import { addScheduleLimitOptions, readLimits } from "../options/limit-options.ts";
import { machineTimeZone } from "../text/machine-time.ts";
import { resolvePlaces } from "../options/places.ts";
import { chooseProvider } from "../options/provider-choice.ts";
import { readRecipe, type RecipeOptions } from "../options/recipe-options.ts";
import { runAction, withSession, type Invocation, type Surroundings } from "../run-command.ts";
import { toSubmission, type BatchOptions } from "../order/submit-batch.ts";
import { nextText } from "../text/schedule-text.ts";
import { addBatchOptions } from "./enhance.ts";

interface AddOptions extends RecipeOptions, BatchOptions {
  readonly cron: string;
  readonly id?: string;
  readonly overlap?: OverlapPolicy;
  readonly missed?: MissedPolicy;
}

/** `darkroom schedule add`. */
export function addScheduleAddCommand(schedule: Command, surroundings: Surroundings): void {
  const add = schedule
    .command("add")
    .description("Adds a schedule.")
    .argument("<source>", "a folder, s3://bucket/prefix/, or a manifest in a permanent location")
    .argument("<destination>", "a folder or s3://bucket/prefix/; {date} becomes the date of the run")
    .requiredOption(
      "--cron <pattern>",
      "five or six fields: '0 2 * * *' is every night at two; or @hourly, @daily, @weekly, @monthly",
    )
    .option("--id <id>", "a short name: a-z, 0-9 and -")
    .addOption(
      new Option("--overlap <policy>", "what a run does while the last batch has not ended; defaults to skip") //
        .choices(OVERLAP_POLICIES),
    )
    .addOption(
      new Option("--missed <policy>", "what happens to runs that no producer could start in time; defaults to skip") //
        .choices(MISSED_POLICIES),
    );
  addScheduleLimitOptions(addBatchOptions(add))
    .addHelpText("after", ADD_HELP)
    .action(async (source: string, destination: string, options: AddOptions) => {
      await runAction(surroundings, add, (invocation) => addOne(invocation, { source, destination }, options));
    });
}

async function addOne(
  invocation: Invocation,
  typed: { readonly source: string; readonly destination: string },
  given: AddOptions,
): Promise<void> {
  const { env, terminal } = invocation;
  const timeZone = given.timeZone ?? machineTimeZone();
  const options = { ...given, timeZone, twin: given.twin === true || env.twin };
  readLimits(options);
  const recipe = await readRecipe(options, terminal);
  const provider = () => chooseProvider(env, options.twin, recipe.provider ?? DEFAULT_PROVIDER);
  await withSession(invocation, provider, async (session) => {
    const rules = { ...(await session.placeRules()), uploads: false };
    // A schedule reads its manifest at each run, and the manifest may have changed since.
    const { base, manifestSources = [] } = options;
    const places = await resolvePlaces({ ...typed, base, manifestSources }, rules);
    const made = await session.client.addSchedule({
      ...(options.id === undefined ? {} : { id: options.id }),
      cron: options.cron,
      timeZone,
      ...(options.overlap === undefined ? {} : { overlap: options.overlap }),
      ...(options.missed === undefined ? {} : { missed: options.missed }),
      submission: toSubmission({ ...places, destination: withDate(places.destination) }, options, recipe),
    });
    if (terminal.json) terminal.data(made);
    else terminal.say(`The schedule ${made.id} runs next at ${nextText(made)}.`);
    for (const warning of made.warnings ?? []) terminal.note(warning);
    if (session.kind === "own") {
      const flag = options.twin ? " --twin" : "";
      terminal.note(`Schedules run only while a stack runs: keep darkroom start${flag} running.`);
    }
  });
}

/** A folder's URL encodes braces. The braces of `{date}` must remain, because each run substitutes the date. */
function withDate(storeUrl: string): string {
  return storeUrl.replaceAll("%7Bdate%7D", "{date}");
}

const ADD_HELP = `
Example:
  $ darkroom schedule add s3://studio/inbox/ s3://studio/done/{date}/ --cron '0 2 * * *' \\
      --time-zone Europe/Berlin --id nightly --preset professional-polish --mode eco`;
