import { InvalidArgumentError, Option, type Command } from "commander";
import {
  isEnded,
  leftBehindWarning,
  OUTCOME_CODES,
  PORTRAIT_STATES,
  REVIEW_STATES,
  type BatchStatus,
} from "@darkroom/core";
import type { GivenFilter, PortraitView } from "../api/api-views.ts";
import { recipeText, shownPlace, shownState } from "../text/batch-line.ts";
import { momentText } from "../text/machine-time.ts";
import { runAction, withReading, withSession, type Invocation, type Surroundings } from "../run-command.ts";
import { tableText } from "../text/table.ts";
import { WAITS_FOR } from "../text/wait-words.ts";
import { ID_ARGUMENT } from "../options/id-argument.ts";
import { noBatchText, resolveBatchId } from "../api/resolve-batch-id.ts";

/** Maximum page size of the API. */
const MAX_LISTED = 200;

/** `darkroom list` and `darkroom portraits`. */
export function addListCommands(program: Command, surroundings: Surroundings): void {
  const list = program
    .command("list")
    .description("Lists the batches, newest first.")
    .option("-n, --limit <count>", `how many, at most ${MAX_LISTED}`, wholeNumber, 20)
    .addHelpText("after", "\nExample:\n  $ darkroom list --limit 5\n\nWith --json: one object with `batches`.")
    .action(async ({ limit }: { limit: number }) => {
      await runAction(surroundings, list, (invocation) => listBatches(invocation, limit));
    });

  const portraits = program
    .command("portraits")
    .description("Lists the portraits of a batch.")
    .argument("<id>", ID_ARGUMENT)
    .addOption(new Option("--state <state>", "only those in this state").choices(PORTRAIT_STATES))
    .addOption(new Option("--code <code>", "only those that ended with this outcome").choices(OUTCOME_CODES))
    .addOption(
      new Option("--billed <answer>", "only those that the provider billed so").choices(["no", "yes", "maybe"]),
    )
    .option("--round <number>", "only those that ended in this round; 0 is the first", roundNumber)
    .addOption(new Option("--review <state>", "only results with this decision").choices(REVIEW_STATES))
    .option("--find <text>", "only those with this text in their id, source, name or columns")
    .addHelpText("after", PORTRAITS_HELP)
    .action(async (id: string, options: GivenFilter & { readonly find?: string }) => {
      const { state, code, billed, round, review, find: q } = options;
      const filter = { state, code, billed, round, review, q };
      await runAction(surroundings, portraits, (invocation) => listPortraits(invocation, id, filter));
    });
}

const PORTRAITS_HELP = `
Examples:
  $ darkroom portraits last --state failed
  $ darkroom portraits last --code no_face --billed yes
  $ darkroom portraits last --find "sales team"

With --json: a line of JSON for each portrait.`;

function roundNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= 255) return value;
  throw new InvalidArgumentError("It must be a whole number from 0 to 255.");
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= MAX_LISTED) return value;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${MAX_LISTED}.`);
}

async function listBatches(invocation: Invocation, limit: number): Promise<void> {
  const { terminal } = invocation;
  await withReading(invocation, async ({ client, kind }) => {
    const { batches, nextCursor } = await client.list(limit);
    if (terminal.json) return terminal.data({ batches, nextCursor });
    if (batches.length === 0) return terminal.note(noBatchText(client));
    terminal.say(
      tableText(
        ["BATCH", "STATE", "DELIVERED", "FAILED", "WAITS FOR", "SUBMITTED", "RECIPE", "SOURCE OR NAME"],
        batches.map(batchRow),
      ),
    );
    const left = kind === "own" ? batches.find(isLeft) : undefined;
    if (left !== undefined) terminal.note(`A batch without a process continues with: darkroom watch ${left.id}`);
    if (nextCursor !== null) terminal.note("There are more; see them with --limit.");
  });
}

/** Shown instead of an active state when the batch was stopped or no running process supports it. */
const NOBODY = "no process works on it";

function isLeft({ unattended, cancelling }: BatchStatus): boolean {
  return unattended !== null && !cancelling;
}

function shownAs(status: BatchStatus): string {
  return isLeft(status) ? NOBODY : shownState(status);
}

/** Returns the most relevant wait reason: a budget that paused the batch, then a missing process, then a block. */
function waitsFor({ waiting, unattended, blocked, state, pausedBy }: BatchStatus): string {
  const reasons = waiting.map(({ reason }) => reason);
  const missing = reasons.find((reason) => reason === "unattended" || reason === "unmet_needs");
  if (state === "paused" && pausedBy === "budget") return WAITS_FOR.budget;
  if (unattended !== null) return WAITS_FOR[missing ?? "unattended"];
  if (blocked !== null) return WAITS_FOR[blocked.what === "lane" ? "lane_blocked" : "destination_blocked"];
  const reason = reasons.find((each) => each !== "turn");
  return reason === undefined ? "" : WAITS_FOR[reason];
}

/** Formats a batch's line in the list. */
export function batchRow(status: BatchStatus): string[] {
  const { id, state, counts, createdAt, name, source } = status;
  const delivered = `${counts.succeeded + counts.skipped}/${counts.total}${status.ingested || isEnded(state) ? "" : "+"}`;
  const what = name ?? shownPlace(source);
  return [
    id,
    shownAs(status),
    delivered,
    String(counts.failed),
    waitsFor(status),
    momentText(createdAt),
    recipeText(status),
    what,
  ];
}

async function listPortraits(invocation: Invocation, given: string, filter: GivenFilter): Promise<void> {
  const { terminal, signal } = invocation;
  await withSession(invocation, undefined, async ({ client }) => {
    const id = await resolveBatchId(client, given);
    let count = 0;
    if (!terminal.json) terminal.say(portraitText("#", "STATE", "PORTRAIT", "OUTCOME"));
    for await (const portrait of client.portraits(id, filter)) {
      signal.throwIfAborted();
      count += 1;
      if (terminal.json) {
        terminal.data(portrait);
        continue;
      }
      const how = [...outcomeText(portrait), ...leftBehindText(portrait)].join("; ");
      terminal.say(portraitText(String(portrait.index), portrait.state, portrait.id ?? portrait.source ?? "", how));
    }
    if (count > 0) return;
    const { state, ...others } = filter;
    if (Object.values(others).some((value) => value !== undefined)) terminal.note("None of its portraits matches.");
    else terminal.note(state === undefined ? "It has no portraits." : `It has no portraits in the state ${state}.`);
  });
}

function outcomeText({ outcome }: PortraitView): string[] {
  if (outcome === null) return [];
  return [outcome.message === "" ? outcome.code : `${outcome.code}: ${outcome.message}`];
}

function leftBehindText({ leftBehind }: PortraitView): string[] {
  return leftBehind == null ? [] : [leftBehindWarning(leftBehind)];
}

/** Written line by line, because there may be millions of portraits. */
function portraitText(index: string, state: string, portrait: string, outcome: string): string {
  return `${index.padStart(7)}  ${state.padEnd(9)}  ${portrait.padEnd(32)}  ${outcome}`.trimEnd();
}
