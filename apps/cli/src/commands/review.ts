import { Option, type Command } from "commander";
import { MAX_NOTE_CHARS, type ReviewStatus } from "@darkroom/core";
import type { PortraitView, ReviewRequest } from "../api/api-views.ts";
import type { DarkroomClient } from "../api/client.ts";
import { resolveBatchId } from "../api/resolve-batch-id.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { ID_ARGUMENT } from "../options/id-argument.ts";
import { resultOptions, selectedResults, type ResultOptions } from "../options/result-options.ts";
import { runAction, withSession, type Invocation, type Surroundings } from "../run-command.ts";
import { momentText } from "../text/machine-time.ts";

interface ReviewOptions extends ResultOptions {
  readonly approve?: boolean;
  readonly reject?: boolean;
  readonly undo?: boolean;
  readonly note?: string;
  readonly log?: boolean;
}

/** `darkroom review`. */
export function addReviewCommand(program: Command, surroundings: Surroundings): void {
  const review = program
    .command("review")
    .description("Approves or rejects results, or lists such decisions.")
    .argument("<id>", ID_ARGUMENT)
    .addOption(new Option("--approve", "approve the results").conflicts(["reject", "undo", "log"]))
    .addOption(new Option("--reject", "reject the results").conflicts(["undo", "log"]))
    .addOption(
      new Option("--undo", "withdraw the latest decision on each, and restore the one before").conflicts("log"),
    );
  for (const option of resultOptions()) review.addOption(option);
  review
    .option("--note <words>", `why, at most ${MAX_NOTE_CHARS} characters`)
    .option("--log", "list every decision that was made, newest first")
    .addHelpText("after", REVIEW_HELP)
    .action(async (id: string, options: ReviewOptions) => {
      await runAction(surroundings, review, (invocation) => runReview(invocation, id, options));
    });
}

async function runReview(invocation: Invocation, given: string, options: ReviewOptions): Promise<void> {
  const order = orderOf(options);
  const { note } = options;
  const request =
    order === undefined
      ? undefined
      : { order, ...(note === undefined ? {} : { note }), ...selectedResults(options, order) };
  if (request === undefined && options.note !== undefined) {
    throw new CommandError(EXIT.usage, "--note belongs to --approve, --reject or --undo.");
  }
  await withSession(invocation, undefined, async ({ client }) => {
    const id = await resolveBatchId(client, given);
    if (request !== undefined) await decide(invocation, client, { id, request });
    else if (options.log === true) await listLog(invocation, client, id);
    else await listDecided(invocation, client, { id, options });
  });
}

function orderOf({ approve, reject, undo }: ReviewOptions): ReviewRequest["order"] | undefined {
  if (approve === true) return "approve";
  if (reject === true) return "reject";
  return undo === true ? "undo" : undefined;
}

async function decide(
  { terminal, signal }: Invocation,
  client: DarkroomClient,
  { id, request }: { readonly id: string; readonly request: ReviewRequest },
): Promise<void> {
  let [recorded, unchanged] = [0, 0];
  let cursor: number | undefined;
  let review: ReviewStatus | undefined;
  do {
    signal.throwIfAborted();
    const page = await client.review(id, cursor === undefined ? request : { ...request, cursor });
    recorded += page.recorded;
    unchanged += page.unchanged;
    review = page.review;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  if (terminal.json) return terminal.data({ id, recorded, unchanged, review });
  const same = unchanged === 0 ? "" : ` ${unchanged} ${unchanged === 1 ? "was" : "were"} so already.`;
  terminal.say(`${recorded} ${recorded === 1 ? "decision" : "decisions"} recorded.${same} ${countsText(review)}`);
}

function countsText({ approved, rejected, undecided }: ReviewStatus): string {
  return `Now ${approved} approved, ${rejected} rejected, ${undecided} undecided.`;
}

async function listDecided(
  { terminal, signal }: Invocation,
  client: DarkroomClient,
  { id, options }: { readonly id: string; readonly options: ReviewOptions },
): Promise<void> {
  const { review } = await client.status(id);
  const states = options.only === undefined ? (["rejected", "approved"] as const) : [options.only];
  if (!terminal.json) terminal.say(countsText(review));
  for (const state of states) {
    for await (const portrait of client.portraits(id, { review: state })) {
      signal.throwIfAborted();
      if (terminal.json) terminal.data(portrait);
      else terminal.say(portraitText(portrait));
    }
  }
}

function portraitText({ index, id, source, review }: PortraitView): string {
  const { state = "undecided", by, at, note } = review ?? {};
  const who = by == null || at == null ? "" : `${by}, ${momentText(at)}`;
  return [String(index).padStart(7), state.padEnd(9), (id ?? source ?? "").padEnd(32), who, note ?? ""]
    .join("  ")
    .trimEnd();
}

async function listLog({ terminal, signal }: Invocation, client: DarkroomClient, id: string): Promise<void> {
  for await (const line of client.reviewLog(id)) {
    signal.throwIfAborted();
    if (terminal.json) {
      terminal.data(line);
      continue;
    }
    const { number, at, by, order, note, portraits, undoes } = line;
    const which = portraits.length === 1 ? `portrait ${portraits[0]}` : `${portraits.length} portraits`;
    const undone = undoes.length === 0 ? "" : ` (undoes ${undoes.join(", ")})`;
    terminal.say(
      `${String(number).padStart(5)}  ${momentText(at)}  ${by}  ${order} ${which}${undone}${note === null ? "" : `: ${note}`}`,
    );
  }
}

const REVIEW_HELP = `
Examples:
  $ darkroom review last                                        # what was rejected, and why
  $ darkroom review last --reject --portrait anna.jpg --note "eyes closed"
  $ darkroom review last --approve --only undecided
  $ darkroom review last --undo --index 3 17
  $ darkroom review last --log

With --json: an order prints one object with \`recorded\`, \`unchanged\` and \`review\`; a list prints a line of JSON for each
portrait, and --log for each decision.

Exit codes: 0 done · 2 no such batch or portrait, or a portrait has no result · 5 no API or Redis · 1 anything else`;
