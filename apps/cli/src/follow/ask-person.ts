import { confirm, isCancel, select } from "@clack/prompts";
import { budgetForAll, isDarkroomError, usdText, type BatchStatus, type ErrorCode } from "@darkroom/core";
import { joinUrl } from "@darkroom/storage/urls";
import { shownPlace } from "../text/batch-line.ts";
import { breakerAdvice } from "../text/breaker-advice.ts";
import type { Move } from "../api/api-views.ts";
import type { DarkroomClient } from "../api/client.ts";
import { Interrupted } from "../exit-codes.ts";
import { quoteText } from "../text/quote-text.ts";
import type { Invocation } from "../run-command.ts";
import { askUnlessMoved } from "./ask-unless-moved.ts";
import { waitsForAnswer } from "./waits-for-person.ts";

/** The API's errors for a decision that is no longer possible. */
const MOVED: readonly ErrorCode[] = ["conflict", "stale"];

/** Number of a pilot's portraits that are listed. */
const MOST_LISTED = 20;

export interface Answered {
  readonly status: BatchStatus;
  /** True if the question was answered in this terminal. */
  readonly isOwn: boolean;
}

/**
 * Shows a batch's wait reason, and asks for a decision if the user can answer. Asks about a paused batch only if its
 * budget paused it, because the user must investigate any other cause first. The question closes when the batch changes
 * elsewhere.
 *
 * @returns the batch after the answer or the change; undefined when the batch keeps waiting
 */
export async function askPerson(
  { terminal, signal }: Invocation,
  client: DarkroomClient,
  status: BatchStatus,
): Promise<Answered | undefined> {
  const { stdin: input, stderr: output } = terminal.streams;
  const ask = async (question: (signal: AbortSignal) => Promise<Move | "later" | symbol>) =>
    await askUnlessMoved(client, status, { signal, question });
  const maxCostUsd = isOverBudget(status) ? budgetForAll(status) : undefined;
  let asked: Awaited<ReturnType<typeof ask>>;
  if (status.state === "awaiting_confirmation") {
    terminal.note("It waits for confirmation. Nothing has started, nothing is paid.");
    terminal.note(await quoteOf(client, status.id));
    if (!terminal.canAsk) return undefined;
    asked = await ask(async (signal) => {
      const yes = await confirm({ message: "Start it?", initialValue: false, input, output, signal });
      return isCancel(yes) ? yes : yes ? "confirm" : "later";
    });
  } else if (status.state === "awaiting_approval") {
    await tellPilot(terminal, client, status);
    if (!terminal.canAsk) return undefined;
    asked = await ask(
      async (signal) =>
        await select<Move | "later">({
          message: "Continue with the rest?",
          options: [
            { value: "later", label: "Decide later", hint: "the batch waits" },
            { value: "approve", label: "Continue with the rest" },
            { value: "cancel", label: "Stop", hint: "the rest is never started; the pilot's results stay" },
          ],
          input,
          output,
          signal,
        }),
    );
  } else {
    terminal.note(pausedText(status));
    if (maxCostUsd === undefined) return undefined;
    const missing = usdText(maxCostUsd - (status.maxCostUsd ?? 0));
    terminal.note(`The whole batch costs about ${usdText(maxCostUsd)}, ${missing} more than its budget.`);
    if (!terminal.canAsk) return undefined;
    asked = await ask(async (signal) => {
      const message = `Raise its budget to ${usdText(maxCostUsd)} and continue?`;
      const yes = await confirm({ message, initialValue: false, input, output, signal });
      return isCancel(yes) ? yes : yes ? "resume" : "later";
    });
  }
  if (typeof asked === "object") {
    terminal.note(`The question is answered elsewhere: the batch is ${stateWords(asked.state)}.`);
    return { status: asked, isOwn: false };
  }
  if (typeof asked === "symbol") throw new Interrupted();
  return asked === "later"
    ? undefined
    : { status: await make(terminal, client, status, { move: asked, maxCostUsd }), isOwn: true };
}

function isOverBudget({ state, pausedBy }: BatchStatus): boolean {
  return state === "paused" && pausedBy === "budget";
}

/** Converts a state such as "awaiting_approval" to words. */
function stateWords(state: BatchStatus["state"]): string {
  return state.replaceAll("_", " ");
}

/**
 * Another command or the deadline may have changed the batch in the meantime. The decision applies to the revision that
 * was shown.
 */
async function make(
  terminal: Invocation["terminal"],
  client: DarkroomClient,
  { id, revision }: BatchStatus,
  { move, maxCostUsd }: { readonly move: Move; readonly maxCostUsd: number | undefined },
): Promise<BatchStatus> {
  try {
    return await client.move(id, move, { revision, ...(maxCostUsd === undefined ? {} : { maxCostUsd }) });
  } catch (error) {
    if (!isDarkroomError(error) || !MOVED.includes(error.code)) throw error;
    terminal.note(error.message);
    return await client.status(id);
  }
}

/** Returns the quote, as in a dry run. If the quote fails, the question can still be answered. */
async function quoteOf(client: DarkroomClient, id: string): Promise<string> {
  try {
    return quoteText(await client.quoteOf(id));
  } catch (error) {
    if (!isDarkroomError(error)) throw error;
    return `The quote is not available: ${error.message}`;
  }
}

async function tellPilot(
  terminal: Invocation["terminal"],
  client: DarkroomClient,
  { id, destination, counts, failures }: BatchStatus,
): Promise<void> {
  terminal.note(
    `Its pilot has ended: ${counts.succeeded} succeeded, ${counts.skipped} were delivered before, ${counts.failed} failed. ${counts.pending} portraits wait.`,
  );
  for (const [code, count] of Object.entries(failures)) terminal.note(`  failed: ${count} with ${code}`);
  terminal.note(`Look at the results in ${shownPlace(destination)}`);
  let listed = 0;
  for await (const portrait of client.portraits(id, { state: "succeeded" })) {
    if (portrait.destination === null) continue;
    if (listed === MOST_LISTED) {
      terminal.note(`  and more; see them with: darkroom portraits ${id} --state succeeded`);
      break;
    }
    listed += 1;
    terminal.note(`  ${shownPlace(joinUrl(destination, portrait.destination))}`);
  }
}

function pausedText(status: BatchStatus): string {
  const { id, reason, pausedBy } = status;
  const why = reason ?? "no reason was given";
  switch (pausedBy) {
    case "breaker":
      if (waitsForAnswer(status)) return `The provider has questions: darkroom questions ${id} lists them.`;
      return `It has paused itself: ${why}. ${breakerAdvice(status)}`;
    case "budget":
      return `It is paused: ${why}.`;
    case "person":
    case null:
      return `It is paused: ${why}.`;
  }
  return pausedBy satisfies never;
}
