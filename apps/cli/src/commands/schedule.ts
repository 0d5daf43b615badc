import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import { twinLaneOf } from "@darkroom/config";
import { DEFAULT_PROVIDER } from "@darkroom/core";
import type { ScheduleRunView, ScheduleWithRuns } from "../api/api-views.ts";
import { CommandError, EXIT, type ExitCode } from "../exit-codes.ts";
import { momentText } from "../text/machine-time.ts";
import { providerForLane } from "../options/provider-choice.ts";
import { runAction, withSession, type Invocation, type Surroundings } from "../run-command.ts";
import { nextText, obstacleLines, scheduleText } from "../text/schedule-text.ts";
import { tableText } from "../text/table.ts";
import { addScheduleAddCommand } from "./schedule-add.ts";

/** Time within which the API creates or refuses a requested run. */
const RUN_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 200;

/** `darkroom schedule add`, `list`, `show`, `pause`, `resume`, `remove` and `run`. */
export function addScheduleCommands(program: Command, surroundings: Surroundings): void {
  const schedule = program
    .command("schedule")
    .description("Recurring batches (cron). Photos that were delivered before are skipped.");

  addScheduleAddCommand(schedule, surroundings);

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

  const pause = schedule
    .command("pause")
    .description("Pauses a schedule: no run starts until it is resumed; its batch continues.")
    .argument("<id>", "the schedule")
    .option("--reason <words>", "why; shown with the schedule")
    .addHelpText("after", "\nExample:\n  $ darkroom schedule pause nightly --reason 'the photographer is away'")
    .action(async (id: string, { reason }: { readonly reason?: string }) => {
      await runAction(surroundings, pause, async (invocation) => {
        const paused = await withSession(invocation, undefined, ({ client }) => client.pauseSchedule(id, reason));
        if (invocation.terminal.json) return invocation.terminal.data(paused);
        invocation.terminal.say(`The schedule ${id} is paused. Resume it with: darkroom schedule resume ${id}`);
      });
    });

  const resume = schedule
    .command("resume")
    .description("Resumes a paused schedule. Runs that were due meanwhile do not start.")
    .argument("<id>", "the schedule")
    .addHelpText("after", "\nExample:\n  $ darkroom schedule resume nightly")
    .action(async (id: string) => {
      await runAction(surroundings, resume, async (invocation) => {
        const resumed = await withSession(invocation, undefined, ({ client }) => client.resumeSchedule(id));
        if (invocation.terminal.json) return invocation.terminal.data(resumed);
        invocation.terminal.say(`The schedule ${id} runs next at ${nextText(resumed)}.`);
      });
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

async function listAll(invocation: Invocation): Promise<void> {
  const { terminal } = invocation;
  await withSession(invocation, undefined, async ({ client }) => {
    const schedules = await client.schedules();
    if (terminal.json) return terminal.data({ schedules });
    if (schedules.length === 0)
      return terminal.note("There is no schedule yet. Add one: darkroom schedule add SRC DST --cron …");
    const rows = schedules.map(({ lastRun, ...schedule }) => [
      schedule.id,
      schedule.cron,
      schedule.timeZone,
      nextText(schedule),
      lastRun === null
        ? "never"
        : `${momentText(lastRun.at)} ${lastRun.outcome}${lastRun.message === null ? "" : `: ${lastRun.message}`}`,
    ]);
    terminal.say(tableText(["SCHEDULE", "CRON", "TIME ZONE", "NEXT", "LAST"], rows));
    for (const each of schedules) for (const line of obstacleLines(each)) terminal.say(`${each.id}: ${line}`);
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
    const { batchId } = await client.runSchedule(id);
    const run = await ownRun(() => client.schedule(id), { batchId, lastAt: before.lastRun?.at }, signal);
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

/** Waits until a requested run has a batch, or is recorded as failed. */
async function ownRun(
  read: () => Promise<ScheduleWithRuns>,
  { batchId, lastAt }: { readonly batchId: string; readonly lastAt: string | undefined },
  signal: AbortSignal,
): Promise<ScheduleRunView> {
  const end = performance.now() + RUN_WITHIN_MS;
  for (;;) {
    const { runs } = await read();
    const own = runs.find((run) => run.batchId === batchId);
    if (own !== undefined) return own;
    const [newest] = runs;
    if (newest !== undefined && newest.batchId === null && newest.at !== lastAt) return newest;
    if (performance.now() > end) {
      throw new CommandError(
        EXIT.unexpected,
        "The run was requested, but no process has started it. Check that a producer is running.",
      );
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
