import { Option, type Command } from "commander";
import { couldEnhanceAny, DEFAULT_PROVIDER } from "@darkroom/core";
import { batchJson } from "../text/batch-json.ts";
import { continueOrder, raiseBudgets, submitRest } from "../order/continue-order.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { followBatch } from "../follow/follow-batch.ts";
import { addLimitOptions, readLimits, refuseLoneTimeZone } from "../options/limit-options.ts";
import { isWhole, wholePilotText } from "../text/pilot-text.ts";
import { machineTimeZone } from "../text/machine-time.ts";
import { chooseProvider } from "../options/provider-choice.ts";
import { refuseForAll } from "../options/option-mistakes.ts";
import { quoteText } from "../text/quote-text.ts";
import { addRecipeOptions, checkRecipe, readRecipe, type RecipeOptions } from "../options/recipe-options.ts";
import { runAction, withSession, type Invocation, type Surroundings } from "../run-command.ts";
import { lookAround, waitsForText } from "../order/same-order.ts";
import { prepareBatch, quoteBatch, sharedText, type BatchOptions, type TypedBatch } from "../order/submit-batch.ts";
import { submitOrAsk } from "../order/submit-or-ask.ts";

interface SubmitOptions extends RecipeOptions, BatchOptions {
  readonly detach?: boolean;
  readonly dryRun?: boolean;
}

const SOURCE = "a folder, s3://bucket/prefix/, or a manifest: .csv or .jsonl, here or in S3";
const DESTINATION = "a folder or s3://bucket/prefix/";

/** Options of every command that submits a batch. */
export function addBatchOptions(command: Command): Command {
  const group = (option: Option): Option => option.helpGroup("Batch:");
  return addRecipeOptions(command)
    .addOption(group(new Option("--include <glob...>", "only photos that match: '*.jpg' 'team/**'")))
    .addOption(group(new Option("--exclude <glob...>", "except photos that match")))
    .addOption(group(new Option("--template <name>", "names of the results: '{department}/{id}.{ext}'")))
    .addOption(group(new Option("--base <place>", "base of a manifest's relative sources; defaults to its folder")))
    .addOption(
      group(
        new Option(
          "--manifest-sources <place...>",
          "what else its rows may name: s3://bucket/prefix/, a folder, or any",
        ),
      ),
    )
    .addOption(
      group(new Option("--carry <column...>", "columns of a manifest that are your own, whatever their names")),
    )
    .addOption(group(new Option("--skip-bad-rows", "enhance a manifest's good rows where it has bad ones")))
    .addOption(group(new Option("--remake", "make anew, and pay for, what another recipe has made of the photos")))
    .addOption(group(new Option("--overwrite", "also replace another photo's result, or a file not made by Darkroom")))
    .addOption(group(new Option("--no-overwrite", "keep results of another recipe, and enhance the other photos")))
    .addOption(group(new Option("--name <name>", "label shown in lists")))
    .addOption(group(new Option("--lane <name>", "the provider account, if there are several; see darkroom lanes")))
    .addOption(group(new Option("--twin", "use the simulator: costs nothing, makes test pictures")));
}

function addDryRun(command: Command): Command {
  const meaning = "show rows, duplicates, cost and time without starting anything";
  return command.addOption(new Option("--dry-run", meaning).helpGroup("Batch:"));
}

/** `darkroom enhance` and `darkroom submit`. */
export function addSubmitCommands(program: Command, surroundings: Surroundings): void {
  const enhance = program
    .command("enhance")
    .description("Enhances portraits, and watches until they are done. Without an API it does all the work itself.")
    .argument("<source>", SOURCE)
    .argument("<destination>", DESTINATION);
  addDryRun(addLimitOptions(addBatchOptions(enhance)))
    .addOption(new Option("--detach", "only submit; do not watch").helpGroup("Batch:"))
    .addHelpText("after", ENHANCE_HELP)
    .action(async (source: string, destination: string, options: SubmitOptions) => {
      const typed = { source, destination };
      const act = options.dryRun === true ? quote : options.detach === true ? submit : enhanceAll;
      await runAction(surroundings, enhance, (invocation) => act(invocation, typed, options));
    });

  const submitOnly = program
    .command("submit")
    .description("Submits a batch and prints its id. The processes that run do the work.")
    .argument("<source>", SOURCE)
    .argument("<destination>", DESTINATION);
  addDryRun(addLimitOptions(addBatchOptions(submitOnly)))
    .addHelpText("after", SUBMIT_HELP)
    .action(async (source: string, destination: string, options: SubmitOptions) => {
      const act = options.dryRun === true ? quote : submit;
      await runAction(surroundings, submitOnly, (invocation) => act(invocation, { source, destination }, options));
    });
}

/** Performs all checks that are possible before the start, and reports all problems together. */
function checked({ env, terminal }: Invocation, given: SubmitOptions): SubmitOptions & { readonly twin: boolean } {
  refuseForAll([() => refuseLoneTimeZone(given), () => readLimits(given), () => checkRecipe(given, terminal)]);
  if (given.between !== undefined && given.timeZone === undefined) {
    terminal.note(`The hours ${given.between} are in the time zone ${machineTimeZone()}; --tz sets another.`);
  }
  return { ...given, twin: given.twin === true || env.twin };
}

async function enhanceAll(invocation: Invocation, typed: TypedBatch, given: SubmitOptions): Promise<ExitCode> {
  const { env, terminal } = invocation;
  const options = checked(invocation, given);
  const recipe = await readRecipe(options, terminal);
  const provider = () => chooseProvider(env, options.twin, recipe.provider ?? DEFAULT_PROVIDER);
  return await withSession(invocation, provider, async (session) => {
    const prepared = await prepareBatch(session, typed, options, recipe);
    const met = await lookAround(session, prepared.submission);
    const { maxCostUsd } = prepared.submission;
    const raised = await raiseBudgets(invocation, session, { pausedByBudget: met.pausedByBudget, maxCostUsd });
    if (raised.ended !== undefined) return raised.ended;
    const { ended, batches } = await continueOrder(invocation, session, {
      undecided: met.undecided,
      stopped: [...raised.batches, ...met.stopped],
      provider,
      asks: options.confirm === true,
    });
    if (ended !== undefined) return ended;
    const status = await submitRest(invocation, session, prepared, batches);
    if (status === undefined) return EXIT.ok;
    for (const batch of met.waitedFor) terminal.note(waitsForText(batch));
    const shared = sharedText(
      status,
      met.waitedFor.map(({ id }) => id),
    );
    if (shared !== undefined) terminal.note(shared);
    terminal.note(`Batch ${status.id} is accepted.`);
    const continued = batches.map(({ id }) => id);
    for (const id of continued) terminal.note(`The costs of earlier photos are in the report of batch ${id}.`);
    return await followBatch(invocation, session, { batch: status, provider, isOrder: true, continued });
  });
}

async function submit(invocation: Invocation, typed: TypedBatch, given: SubmitOptions): Promise<ExitCode> {
  const { env, terminal } = invocation;
  const options = checked(invocation, given);
  const recipe = await readRecipe(options, terminal);
  const provider = () => chooseProvider(env, options.twin, recipe.provider ?? DEFAULT_PROVIDER);
  return await withSession(invocation, provider, async (session) => {
    const status = await submitOrAsk(invocation, session, await prepareBatch(session, typed, options, recipe));
    const shared = sharedText(status);
    if (shared !== undefined) terminal.note(shared);
    if (terminal.json) terminal.data(batchJson(status, null));
    else terminal.say(status.id);
    terminal.note(
      session.kind === "own"
        ? `It waits for a process to do the work: darkroom watch ${status.id}, or darkroom start${options.twin ? " --twin" : ""}`
        : `Watch it with: darkroom watch ${status.id}`,
    );
    return EXIT.ok;
  });
}

async function quote(invocation: Invocation, typed: TypedBatch, given: SubmitOptions): Promise<ExitCode> {
  const { env, terminal } = invocation;
  const options = { ...given, twin: given.twin === true || env.twin };
  const recipe = await readRecipe(options, terminal);
  const provider = () => chooseProvider(env, options.twin, recipe.provider ?? DEFAULT_PROVIDER);
  return await withSession(
    invocation,
    provider,
    async (session) => {
      const answer = await quoteBatch(session, typed, options, recipe);
      if (terminal.json) terminal.data(answer);
      else terminal.say(quoteText(answer));
      const { pilot } = given;
      if (pilot !== undefined && isWhole(pilot, answer.goodRows)) {
        terminal.note(wholePilotText({ pilot, portraits: answer.goodRows }));
      }
      terminal.note("This was a dry run: nothing was paid, and nothing was written.");
      return answer.refusal === null && couldEnhanceAny(answer) ? EXIT.ok : EXIT.usage;
    },
    { persistent: false },
  );
}

const EXIT_HELP = `
Exit codes: 0 all done · 2 bad input, or a dry run of what would be refused · 3 done, some portraits failed ·
4 cancelled or failed · 5 no API or Redis · 6 it waits for you · 130 interrupted (continue with darkroom watch) ·
1 anything else`;

const ENHANCE_HELP = `
Examples:
  $ darkroom enhance ./photos ./enhanced --preset professional-polish --mode eco --twin
  $ darkroom enhance s3://studio/team/ s3://studio/team-done/ --preset skin-smoothing --mode max
  $ darkroom enhance s3://studio/team/ s3://studio/team-done/ --preset skin-smoothing --mode max --dry-run
  $ darkroom enhance ./photos ./enhanced --preset professional-polish --mode max --pilot 5 --max-cost 40
  $ darkroom enhance team.csv s3://studio/out/ --base s3://studio/raw/ --prompt "even, soft light" --mode eco
${EXIT_HELP}`;

const SUBMIT_HELP = `
Example:
  $ darkroom submit s3://studio/team/ s3://studio/done/ --preset professional-polish --mode eco
  $ darkroom watch last

Exit codes: 0 accepted · 2 bad input, or a dry run of what would be refused · 5 no API or Redis · 1 anything else`;
