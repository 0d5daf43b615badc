import type { Command } from "commander";
import type { LaneView } from "../api-views.ts";
import { momentText } from "../machine-time.ts";
import { runAction, withSession, type Invocation, type Surroundings } from "../run-command.ts";
import { tableText } from "../table.ts";

/** `darkroom lanes`. */
export function addLanesCommand(program: Command, surroundings: Surroundings): void {
  const lanes = program
    .command("lanes")
    .summary("the provider accounts: their limits, and why one rests")
    .description("Lists the provider accounts, with what they may do at present and why one does no work.")
    .addHelpText(
      "after",
      "\nExample:\n  $ darkroom lanes\n\nWith --json: one object with `lanes`, as `GET /v1/lanes` gives it.",
    )
    .action(async () => {
      await runAction(surroundings, lanes, listLanes);
    });
}

const NOTHING_SET_UP =
  "No provider account is set up here: no key, and no DARKROOM_ACCOUNTS (docs/configuration.md). " +
  "The twin's lanes are shown while darkroom start --twin runs.";

async function listLanes(invocation: Invocation): Promise<void> {
  const { terminal } = invocation;
  await withSession(invocation, undefined, async ({ client }) => {
    const lanes = await client.lanes();
    if (terminal.json) return terminal.data({ lanes });
    if (lanes.length === 0) return terminal.note(NOTHING_SET_UP);
    terminal.say(tableText(["LANE", "PROVIDER", "RUNNING", "WAITING", "AT ONCE", "A MINUTE"], lanes.map(laneRow)));
    for (const lane of lanes) for (const line of laneNotes(lane)) terminal.say(`${lane.name}: ${line}`);
  });
}

function laneRow({ name, provider, running, counts, concurrency, ratePerMinute }: LaneView): string[] {
  const waiting = String((counts["waiting"] ?? 0) + (counts["delayed"] ?? 0));
  return [name, provider, String(running), waiting, limitText(concurrency), limitText(ratePerMinute)];
}

/** "7 of 10" where it is narrowed. */
function limitText({ configured, present }: LaneView["ratePerMinute"]): string {
  if (present === null) return "no limit";
  return configured === null || configured === present ? String(present) : `${present} of ${configured}`;
}

/** Why a lane does less than it might, a sentence each. */
export function laneNotes({ blocked, probe, held, narrowed }: LaneView): readonly string[] {
  const notes: string[] = [];
  if (blocked !== null) {
    const next =
      probe === null ? "" : probe.underWay ? " A probe is on its way." : ` Tried again ${momentText(probe.at)}.`;
    notes.push(`blocked (${blocked.reason}) since ${momentText(blocked.since)}: ${blocked.message}.${next}`);
  }
  if (held !== null) notes.push(`begins nothing until ${momentText(held.until)}${because(held.message)}`);
  if (narrowed !== null) notes.push(`narrowed at ${momentText(narrowed.at)}${because(narrowed.message)}`);
  return notes;
}

function because(message: string | null): string {
  return message === null ? "" : `: ${message}`;
}
