import { InvalidArgumentError, Option, type Command } from "commander";
import { leftBehindWarning, OUTCOME_CODES, PORTRAIT_STATES, REVIEW_STATES } from "@darkroom/core";
import type { GivenFilter, PortraitView } from "../api/api-views.ts";
import { runAction, withReading, withSession, type Invocation, type Surroundings } from "../run-command.ts";
import { batchTable, isLeft } from "../text/batch-table.ts";
import { portraitLine, type ListedPortrait } from "../text/portrait-line.ts";
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
    terminal.say(batchTable(batches, terminal.width));
    const left = kind === "own" ? batches.find(isLeft) : undefined;
    if (left !== undefined) terminal.note(`A batch without a process continues with: darkroom watch ${left.id}`);
    if (nextCursor !== null) terminal.note("There are more; see them with --limit.");
  });
}

async function listPortraits(invocation: Invocation, given: string, filter: GivenFilter): Promise<void> {
  const { terminal, signal } = invocation;
  await withSession(invocation, undefined, async ({ client }) => {
    const id = await resolveBatchId(client, given);
    const { width } = terminal;
    let count = 0;
    if (!terminal.json) terminal.say(portraitLine(HEAD, width));
    for await (const portrait of client.portraits(id, filter)) {
      signal.throwIfAborted();
      count += 1;
      if (terminal.json) {
        terminal.data(portrait);
        continue;
      }
      terminal.say(portraitLine(listed(portrait), width));
    }
    if (count > 0) return;
    const { state, ...others } = filter;
    if (Object.values(others).some((value) => value !== undefined)) terminal.note("None of its portraits matches.");
    else terminal.note(state === undefined ? "It has no portraits." : `It has no portraits in the state ${state}.`);
  });
}

const HEAD: ListedPortrait = { index: "#", state: "STATE", name: "PORTRAIT", code: "OUTCOME", messages: [] };

function listed({ index, state, id, source, outcome, leftBehind }: PortraitView): ListedPortrait {
  const { code = "", message = "" } = outcome ?? {};
  const messages = [message, leftBehind == null ? "" : leftBehindWarning(leftBehind)].filter((text) => text !== "");
  return { index: String(index), state, name: id ?? source ?? "", code, messages };
}
