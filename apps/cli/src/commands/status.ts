import type { Command } from "commander";
import type { BatchStatus } from "@darkroom/core";
import type { DarkroomClient } from "../api/client.ts";
import { batchJson } from "../text/batch-json.ts";
import { reportPlace, statusText } from "../text/batch-line.ts";
import { exitCodeOfState } from "../exit-code-of-state.ts";
import type { ExitCode } from "../exit-codes.ts";
import { mayNamePortraits, namedPortraits, NONE_NAMED, type NamedPortraits } from "../text/named-portraits.ts";
import { ID_ARGUMENT } from "../options/id-argument.ts";
import { providerForLane } from "../options/provider-choice.ts";
import { twinBatchOption } from "../options/twin-batch-option.ts";
import { runAction, withReading, withSession, type Invocation, type Surroundings } from "../run-command.ts";
import { resolveBatchId } from "../api/resolve-batch-id.ts";

/** `darkroom status` and `darkroom watch`. */
export function addStatusCommands(program: Command, surroundings: Surroundings): void {
  const status = program
    .command("status")
    .description("Shows a batch's progress.")
    .argument("<id>", ID_ARGUMENT)
    .addHelpText("after", STATUS_HELP)
    .action(async (id: string) => {
      await runAction(surroundings, status, (invocation) => showStatus(invocation, id));
    });

  const watch = program
    .command("watch")
    .description("Watches a batch until it is done, and does its work unless another process works on it.")
    .argument("<id>", ID_ARGUMENT)
    .addOption(twinBatchOption())
    .addHelpText("after", WATCH_HELP)
    .action(async (id: string, options: { twin?: boolean }) => {
      await runAction(surroundings, watch, (invocation) => watchOne(invocation, id, options.twin === true));
    });
}

async function showStatus(invocation: Invocation, given: string): Promise<ExitCode> {
  const { terminal } = invocation;
  return await withReading(invocation, async ({ client, kind, api }) => {
    const status = await client.status(await resolveBatchId(client, given));
    const report = reportPlace(status, client.url);
    if (terminal.json) terminal.data(batchJson(status, report));
    else terminal.say(statusText(status, report, await namesFor(invocation, status, api)));
    if (kind === "own" && status.unattended !== null) terminal.note(`Continue it with: darkroom watch ${status.id}`);
    return exitCodeOfState(status.state);
  });
}

/** Names come from reports and snapshots, which only an API reads. Starts an API if none is running. */
async function namesFor(
  invocation: Invocation,
  status: BatchStatus,
  api: DarkroomClient | undefined,
): Promise<NamedPortraits> {
  if (!mayNamePortraits(status)) return NONE_NAMED;
  if (api !== undefined) return await namedPortraits(api, status);
  return await withSession(invocation, undefined, ({ client }) => namedPortraits(client, status));
}

async function watchOne(invocation: Invocation, given: string, twin: boolean): Promise<ExitCode> {
  const { followBatch } = await import("../follow/follow-batch.ts");
  return await withSession(invocation, undefined, async (session) => {
    const status = await session.client.status(await resolveBatchId(session.client, given));
    return await followBatch(invocation, session, {
      batch: status,
      provider: () => providerForLane(invocation.env, twin, status.lane),
    });
  });
}

const STATUS_HELP = `
Examples:
  $ darkroom status last
  $ darkroom status 01k9 --json | jq .counts

Exit codes: 0 it continues, waits or is done · 2 no such batch · 3 done, some portraits failed · 4 cancelled or failed ·
5 no API or Redis · 1 anything else`;

const WATCH_HELP = `
Example:
  $ darkroom watch last

A command that only shows a batch never takes over its work by itself. When the process that did it stops, it asks whether to
continue here; without a terminal it ends with code 130. After Ctrl-C, the batch continues if another process does the work,
and waits if this command did.

Exit codes: 0 all done · 2 no such batch · 3 done, some portraits failed · 4 cancelled or failed · 5 no API or Redis ·
6 it waits for you · 130 interrupted · 1 anything else`;
