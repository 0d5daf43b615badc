import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import { twinLaneOf } from "@darkroom/config";
import { DEFAULT_PROVIDER } from "@darkroom/core";
import type { ScheduleView } from "../api/api-views.ts";
import { CommandError, EXIT, type ExitCode } from "../exit-codes.ts";
import { addScheduleLimitOptions, readLimits } from "../options/limit-options.ts";
import { machineTimeZone, momentText } from "../text/machine-time.ts";
import { resolvePlaces } from "../options/places.ts";
import { chooseProvider, providerForLane } from "../options/provider-choice.ts";
import { readRecipe, type RecipeOptions } from "../options/recipe-options.ts";
import { runAction, withSession, type Invocation, type Surroundings } from "../run-command.ts";
import { toSubmission, type BatchOptions } from "../order/submit-batch.ts";
import { scheduleText } from "../text/schedule-text.ts";
import { tableText } from "../text/table.ts";
import { addBatchOptions } from "./enhance.ts";

interface AddOptions extends RecipeOptions, BatchOptions {
  readonly cron: string;
  readonly id?: string;
}

/** Time within which the API creates or refuses a requested run. */
const RUN_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 200;

/** `darkroom schedule add`, `list`, `show`, `remove` and `run`. */
export function addScheduleCommands(program: Command, surroundings: Surroundings): void {
  const schedule = program
    .command("schedule")
    .description("Recurring batches (cron). Photos that were delivered before are skipped.");

  const add = schedule
    .command("add")
    .description("Adds a schedule.")
    .argument("<source>", "a folder, s3://bucket/prefix/, or a manifest in a permanent location")
    .argument("<destination>", "a folder or s3://bucket/prefix/; {date} becomes the date of the run")
    .requiredOption("--cron <pattern>", "five or six fields: '0 2 * * *' is every night at two")
    .option("--id <id>", "a short name: a-z, 0-9 and -");
  addScheduleLimitOptions(addBatchOptions(add))
    .addHelpText("after", ADD_HELP)
    .action(async (source: string, destination: string, options: AddOptions) => {
      await runAction(surroundings, add, (invocation) => addOne(invocation, { source, destination }, options));
    });

  const list = schedule
    .command("list")
    .description("Lists the schedules.")
    .addHelpText("after", "\nExample:\n  $ darkroom schedule list")
    .action(async () => {
      await runAction(surroundings, list, listAll);
    });

  const show = schedule
    .command("show")
    .description("Shows a schedule and the results of its last runs.")
    .argument("<id>", "the schedule")
    .addHelpText("after", "\nExample:\n  $ darkroom schedule show nightly")
    .action(async (id: string) => {
      await runAction(surroundings, show, (invocation) => showOne(invocation, id));
    });

  const remove = schedule
    .command("remove")
    .description("Deletes a schedule; batches that it has started continue.")
    .argument("<id>", "the schedule")
    .addHelpText("after", "\nExample:\n  $ darkroom schedule remove nightly")
    .action(async (id: string) => {
      await runAction(surroundings, remove, async (invocation) => {
        await withSession(invocation, undefined, ({ client }) => client.removeSchedule(id));
        if (invocation.terminal.json) invocation.terminal.data({ id, removed: true });
        else invocation.terminal.say(`The schedule ${id} is deleted.`);
      });
    });

  const run = schedule
    .command("run")
    .description("Submits a schedule's batch now, in addition to its timer.")
    .argument("<id>", "the schedule")
    .addHelpText("after", "\nExample:\n  $ darkroom schedule run nightly\n  $ darkroom watch last")
    .action(async (id: string) => {
      await runAction(surroundings, run, (invocation) => runNow(invocation, id));
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
      submission: toSubmission({ ...places, destination: withDate(places.destination) }, options, recipe),
    });
    if (terminal.json) terminal.data(made);
    else
      terminal.say(
        `The schedule ${made.id} runs next at ${made.nextRunAt === null ? "no time that is known" : momentText(made.nextRunAt)}.`,
      );
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

async function listAll(invocation: Invocation): Promise<void> {
  const { terminal } = invocation;
  await withSession(invocation, undefined, async ({ client }) => {
    const schedules = await client.schedules();
    if (terminal.json) return terminal.data({ schedules });
    if (schedules.length === 0)
      return terminal.note("There is no schedule yet. Add one: darkroom schedule add SRC DST --cron …");
    const rows = schedules.map(({ id, cron, timeZone, nextRunAt, lastRun }) => [
      id,
      cron,
      timeZone,
      nextRunAt === null ? "" : momentText(nextRunAt),
      lastRun === null
        ? "never"
        : `${momentText(lastRun.at)} ${lastRun.outcome}${lastRun.message === null ? "" : `: ${lastRun.message}`}`,
    ]);
    terminal.say(tableText(["SCHEDULE", "CRON", "TIME ZONE", "NEXT", "LAST"], rows));
  });
}

async function showOne(invocation: Invocation, id: string): Promise<void> {
  const { terminal } = invocation;
  await withSession(invocation, undefined, async ({ client }) => {
    const schedule = await client.schedule(id);
    if (terminal.json) return terminal.data(schedule);
    terminal.say(scheduleText(schedule));
  });
}

/** Without a running stack, this process submits the batch itself, and leaves the work to `watch`. */
async function runNow(invocation: Invocation, id: string): Promise<ExitCode> {
  const { env, terminal, signal } = invocation;
  return await withSession(invocation, undefined, async ({ client, local }) => {
    const before = await client.schedule(id);
    if (local !== undefined) {
      const { lane, recipe } = before.submission;
      const provider = recipe.provider ?? DEFAULT_PROVIDER;
      const usual = env.twin ? twinLaneOf(provider) : provider;
      await local.startWork(providerForLane(env, false, lane ?? usual), { batches: [], schedules: [id] });
    }
    await client.runSchedule(id);
    const run = await nextRun(() => client.schedule(id), before.lastRun?.at, signal);
    if (terminal.json) terminal.data({ id, run });
    if (run.batchId === null) {
      throw new CommandError(
        EXIT.notCompleted,
        `The run failed (${run.outcome}): ${run.message ?? "no reason was given"}.`,
      );
    }
    if (!terminal.json) terminal.say(run.batchId);
    terminal.note(`Watch it with: darkroom watch ${run.batchId}`);
    return EXIT.ok;
  });
}

async function nextRun(
  read: () => Promise<ScheduleView>,
  lastAt: string | undefined,
  signal: AbortSignal,
): Promise<NonNullable<ScheduleView["lastRun"]>> {
  const end = performance.now() + RUN_WITHIN_MS;
  for (;;) {
    const { lastRun } = await read();
    if (lastRun !== null && lastRun.at !== lastAt) return lastRun;
    if (performance.now() > end) {
      throw new CommandError(
        EXIT.unexpected,
        "The run was requested, but no process has started it. Check that a producer is running.",
      );
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

const ADD_HELP = `
Example:
  $ darkroom schedule add s3://studio/inbox/ s3://studio/done/{date}/ --cron '0 2 * * *' \\
      --time-zone Europe/Berlin --id nightly --preset professional-polish --mode eco`;
