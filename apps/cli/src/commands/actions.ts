import { setTimeout as delay } from "node:timers/promises";
import { confirm, isCancel } from "@clack/prompts";
import { Argument, InvalidArgumentError, Option, type Command } from "commander";
import { OUTCOME_CODES, PORTRAIT_STATES, REVIEW_STATES } from "@darkroom/core";
import { toStoreUrl } from "@darkroom/storage/urls";
import type { ActionRequest, ActionWhere, DryRunView, OperationView } from "../api/api-views.ts";
import type { DarkroomClient } from "../api/client.ts";
import { resolveBatchId } from "../api/resolve-batch-id.ts";
import { CommandError, EXIT, Interrupted, type ExitCode } from "../exit-codes.ts";
import { ID_ARGUMENT } from "../options/id-argument.ts";
import { runAction, withSession, type Invocation, type Surroundings } from "../run-command.ts";
import { portraitsText } from "../text/portraits-text.ts";

const ACTIONS = ["retry", "approve", "reject", "undo", "redo", "deliver", "answer"] as const;
type Action = (typeof ACTIONS)[number];

/** Delay between two reads of a running operation. */
const LOOK_MS = 300;

interface ActionOptions extends Omit<ActionWhere, "q" | "indexes"> {
  readonly find?: string;
  readonly index?: readonly number[];
  readonly note?: string;
  readonly to?: string;
  readonly template?: string;
  readonly answer?: string;
  readonly question?: string;
  readonly expect?: number;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** `darkroom actions`. */
export function addActionsCommand(program: Command, surroundings: Surroundings): void {
  const actions = program
    .command("actions")
    .description("Does one thing to all portraits of a batch that match: counts them, names the price, and asks first.")
    .argument("<id>", ID_ARGUMENT)
    .addArgument(new Argument("<action>", "what to do").choices(ACTIONS))
    .addOption(new Option("--state <state...>", "only those in these states").choices(PORTRAIT_STATES))
    .addOption(new Option("--code <code...>", "only those that ended with these outcomes").choices(OUTCOME_CODES))
    .addOption(new Option("--billed <answer...>", "only those that were billed so").choices(["no", "yes", "maybe"]))
    .option("--round <number>", "only those that ended in this round; 0 is the first", wholeNumber)
    .addOption(new Option("--review <state...>", "only results with these decisions").choices(REVIEW_STATES))
    .option("--find <text>", "only those with this text in their id, source, name or columns")
    .addOption(new Option("--index <number...>", "only these, by number from 0").argParser(readIndex))
    .option("--note <words>", "with a decision: why; with redo: what should be different")
    .option("--to <destination>", "with deliver: a folder or s3://bucket/prefix/")
    .option("--template <template>", "with deliver: names the copies")
    .option("--answer <words>", "with answer: the answer to the provider's question")
    .option("--question <words>", "with answer: only portraits with this question")
    .option("--expect <count>", "refuse if another number of portraits matches", wholeNumber)
    .option("--dry-run", "only count, and show the price")
    .option("--yes", "do not ask first")
    .addHelpText("after", ACTIONS_HELP)
    .action(async (id: string, action: Action, options: ActionOptions) => {
      await runAction(surroundings, actions, (invocation) => carryOut(invocation, { id, action, options }));
    });
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError("It must be a whole number.");
}

function readIndex(text: string, before: readonly number[] | undefined): readonly number[] {
  return [...(before ?? []), wholeNumber(text)];
}

interface Wanted {
  readonly id: string;
  readonly action: Action;
  readonly options: ActionOptions;
}

async function carryOut(invocation: Invocation, { id: given, action, options }: Wanted): Promise<ExitCode> {
  const { terminal, env } = invocation;
  const request = requestOf(action, options, env.cwd);
  return await withSession(invocation, undefined, async (session) => {
    const { client } = session;
    const id = await resolveBatchId(client, given);
    const price = await client.countAction(id, request);
    if (options.dryRun === true) {
      if (terminal.json) terminal.data({ id, action, ...price });
      else terminal.say(priceText(price));
      return EXIT.ok;
    }
    if (options.yes !== true && !(await mayGoOn(invocation, action, price))) {
      terminal.say(`Batch ${id} is unchanged.`);
      return EXIT.ok;
    }
    const begun = await client.startAction(id, { ...request, expect: options.expect ?? price.matched });
    const ended = await endOf(invocation, client, begun);
    if (terminal.json) terminal.data(ended);
    else tell(invocation, ended);
    if (ended.state !== "completed") return EXIT.notCompleted;
    return ended.problems.length === 0 ? EXIT.ok : EXIT.completedWithFailures;
  });
}

function requestOf(action: Action, options: ActionOptions, cwd: string): ActionRequest {
  const { state, code, billed, round, review, find: q, index: indexes, note, to, template, answer, question } = options;
  const where = given({ state, code, billed, round, review, q, indexes }) as ActionWhere;
  const { expect } = options;
  const common = { where, ...given({ expect }) };
  switch (action) {
    case "retry":
      return { action, ...common };
    case "approve":
    case "reject":
    case "undo":
      return { action, ...common, ...given({ note }) };
    case "redo":
      return { action, ...common, note: needed(note, "--note") };
    case "deliver":
      return { action, ...common, destination: toStoreUrl(needed(to, "--to"), cwd), ...given({ template }) };
    case "answer":
      return { action, ...common, answer: needed(answer, "--answer"), ...given({ question }) };
  }
  return action satisfies never;
}

function needed(value: string | undefined, option: string): string {
  if (value !== undefined) return value;
  throw new CommandError(EXIT.usage, `This action needs ${option}.`);
}

/** Omits undefined values. */
function given<Fields extends object>(fields: Fields): { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}

function priceText({ matched, costUsd }: DryRunView): string {
  if (costUsd === 0) return `${portraitsText(matched)} match`;
  return `${portraitsText(matched)} match: ${costUsd === null ? "no price is known" : `at most ${costUsd} USD`}`;
}

async function mayGoOn({ terminal, signal }: Invocation, action: Action, price: DryRunView): Promise<boolean> {
  if (!terminal.canAsk) throw new CommandError(EXIT.usage, "There is no terminal to ask at: add --yes.");
  const { stdin: input, stderr: output } = terminal.streams;
  const yes = await confirm({
    message: `${priceText(price)}. ${action}?`,
    initialValue: false,
    input,
    output,
    signal,
  });
  if (isCancel(yes)) throw new Interrupted();
  return yes;
}

async function endOf({ signal }: Invocation, client: DarkroomClient, begun: OperationView): Promise<OperationView> {
  let operation = begun;
  while (operation.state === "running") {
    await delay(LOOK_MS, undefined, { signal });
    operation = await client.operation(begun.id);
  }
  return operation;
}

function tell(
  { terminal }: Invocation,
  { batch, action, state, counts, problems, error, done, matched }: OperationView,
): void {
  const told = Object.entries(counts).map(([what, count]) => `${count} ${what}`);
  if (state === "completed") terminal.say(`${action}: ${told.length === 0 ? portraitsText(done) : told.join(", ")}.`);
  else
    terminal.say(`${action}: ${state} after ${done} of ${matched}. ${error?.detail ?? "Run it again for the rest."}`);
  for (const { index, id, message } of problems) terminal.say(`  ${id ?? index}: ${message}`);
  if (counts["reopened"] !== undefined) terminal.note(`See how it goes on: darkroom watch ${batch}`);
}

const ACTIONS_HELP = `
Examples:
  $ darkroom actions last retry --code no_face timeout --billed no
  $ darkroom actions last approve --review undecided --find "sales" --yes
  $ darkroom actions last redo --note "lighter background" --review rejected --dry-run
  $ darkroom actions last deliver --to ./handover

With --json: one object, the operation at its end; with --dry-run \`matched\` and \`costUsd\`.

Exit codes: 0 done · 2 no such batch, nothing matches, or another number matches · 3 done, with problems ·
4 failed · 5 no API or Redis · 130 interrupted; it goes on where an API carries it out · 1 anything else`;
