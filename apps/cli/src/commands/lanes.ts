import type { Command } from "commander";
import type { LaneView } from "../api/api-views.ts";
import { momentText } from "../text/machine-time.ts";
import { runAction, withSession, type Invocation, type Surroundings } from "../run-command.ts";
import { tableText } from "../text/table.ts";

/** `darkroom lanes` (an alias of `darkroom lanes list`) and `darkroom lanes unblock`. */
export function addLanesCommand(program: Command, surroundings: Surroundings): void {
  const lanes = program
    .command("lanes")
    .description("Manages the provider accounts. Without a subcommand, lists them.");

  const list = lanes
    .command("list", { isDefault: true })
    .description("Lists the provider accounts, with their current limits and why one is blocked.")
    .addHelpText(
      "after",
      "\nExample:\n  $ darkroom lanes\n\nWith --json: one object with `lanes`, as `GET /v1/lanes` gives it.",
    )
    .action(async () => {
      await runAction(surroundings, list, listLanes);
    });

  const unblock = lanes
    .command("unblock")
    .summary("unblock an account at once, after a top-up or with a new key")
    .description("Unblocks an account at once, without waiting for the next probe, after a top-up or with a new key.")
    .argument("<lane>", "its name, as `darkroom lanes` shows it")
    .addHelpText(
      "after",
      "\nExample:\n  $ darkroom lanes unblock each-sense\n\nIf the account still refuses, it is blocked again; nothing is paid, and no attempt is used up.\n\nExit codes: 0 done · 2 no such lane · 5 no API or Redis",
    )
    .action(async (name: string) => {
      await runAction(surroundings, unblock, (invocation) => unblockLane(invocation, name));
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
    terminal.say(
      tableText(["LANE", "PROVIDER", "WORKERS", "RUNNING", "WAITING", "AT ONCE", "A MINUTE"], lanes.map(laneRow)),
    );
    for (const lane of lanes) for (const line of laneNotes(lane)) terminal.say(`${lane.name}: ${line}`);
  });
}

async function unblockLane(invocation: Invocation, name: string): Promise<void> {
  const { terminal } = invocation;
  await withSession(invocation, undefined, async ({ client }) => {
    const lane = await client.unblockLane(name);
    if (terminal.json) return terminal.data({ ...lane });
    terminal.say(
      `The lane ${lane.name} is unblocked. If its account still refuses, it is blocked again: darkroom lanes`,
    );
  });
}

function laneRow({ name, provider, workers, running, counts, concurrency, ratePerMinute }: LaneView): string[] {
  const waiting = String((counts["waiting"] ?? 0) + (counts["delayed"] ?? 0));
  return [name, provider, String(workers), String(running), waiting, limitText(concurrency), limitText(ratePerMinute)];
}

/** Formats a limit: "7 of 10" if it is reduced. */
function limitText({ configured, present }: LaneView["ratePerMinute"]): string {
  if (present === null) return "no limit";
  return configured === null || configured === present ? String(present) : `${present} of ${configured}`;
}

/** Explains why a lane does less than configured, one sentence per reason. */
function laneNotes({ blocked, probe, counts, held, narrowed }: LaneView): readonly string[] {
  const notes: string[] = [];
  if (blocked !== null) {
    const next = probe === null ? "" : ` ${probeText(probe, counts)}`;
    notes.push(`blocked (${blocked.reason}) since ${momentText(blocked.since)}: ${blocked.message}.${next}`);
  }
  if (held !== null) notes.push(`starts nothing until ${momentText(held.until)}${because(held.message)}`);
  if (narrowed !== null) notes.push(`reduced at ${momentText(narrowed.at)}${because(narrowed.message)}`);
  return notes;
}

function probeText({ at, underWay }: NonNullable<LaneView["probe"]>, counts: LaneView["counts"]): string {
  if (!underWay) return `Next attempt ${momentText(at)}.`;
  const isEmpty = Object.values(counts).every((count) => count === 0);
  return isEmpty ? "Its next portrait shows whether it still is." : "A probe is running.";
}

function because(message: string | null): string {
  return message === null ? "" : `: ${message}`;
}
