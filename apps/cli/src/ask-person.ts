import { confirm, isCancel, select } from "@clack/prompts";
import { isDarkroomError, type BatchStatus } from "@darkroom/core";
import { joinUrl } from "@darkroom/storage";
import { shownPlace } from "./batch-line.ts";
import type { Move } from "./api-views.ts";
import type { DarkroomClient } from "./client.ts";
import { Interrupted } from "./exit-codes.ts";
import { quoteText } from "./quote-text.ts";
import type { Invocation } from "./run-command.ts";
import { waitsForAnswer } from "./waits-for-person.ts";

/** The portraits of a pilot that are listed one by one. */
const MOST_LISTED = 20;

/**
 * Tells a person what a batch waits for, and asks where a person can answer. A paused batch is not asked about: what made
 * it pause is to be looked at first.
 *
 * @returns how the batch stands after the answer; undefined when it is left waiting
 */
export async function askPerson(
  { terminal, signal }: Invocation,
  client: DarkroomClient,
  status: BatchStatus,
): Promise<BatchStatus | undefined> {
  const { stdin: input, stderr: output } = terminal.streams;
  let move: Move | undefined;
  if (status.state === "awaiting_confirmation") {
    terminal.note("It waits to be confirmed. Nothing is started, nothing is paid.");
    terminal.note(await quoteOf(client, status.id));
    if (!terminal.canAsk) return undefined;
    const answer = await confirm({ message: "Begin with it?", initialValue: false, input, output, signal });
    if (isCancel(answer)) throw new Interrupted();
    move = answer ? "confirm" : undefined;
  } else if (status.state === "awaiting_approval") {
    await tellPilot(terminal, client, status);
    if (!terminal.canAsk) return undefined;
    const answer = await select<Move | "later">({
      message: "Go on with the rest?",
      options: [
        { value: "later", label: "Decide later", hint: "the batch waits" },
        { value: "approve", label: "Go on with the rest" },
        { value: "cancel", label: "Stop", hint: "the rest is never started; the pilot's results stay" },
      ],
      input,
      output,
      signal,
    });
    if (isCancel(answer)) throw new Interrupted();
    move = answer === "later" ? undefined : answer;
  } else {
    terminal.note(pausedText(status));
  }
  return move === undefined ? undefined : await make(terminal, client, status.id, move);
}

/** Somebody else, or its deadline, may have moved the batch while a person was thinking. */
async function make(
  terminal: Invocation["terminal"],
  client: DarkroomClient,
  id: string,
  move: Move,
): Promise<BatchStatus> {
  try {
    return await client.move(id, move);
  } catch (error) {
    if (!isDarkroomError(error) || error.code !== "conflict") throw error;
    terminal.note(error.message);
    return await client.status(id);
  }
}

/** What the batch would come to, as a dry run says it. Without it the question can still be answered. */
async function quoteOf(client: DarkroomClient, id: string): Promise<string> {
  try {
    return quoteText(await client.quoteOf(id));
  } catch (error) {
    if (!isDarkroomError(error)) throw error;
    return `What it would come to cannot be said: ${error.message}`;
  }
}

async function tellPilot(
  terminal: Invocation["terminal"],
  client: DarkroomClient,
  { id, destination, counts, failures }: BatchStatus,
): Promise<void> {
  terminal.note(
    `Its pilot is through: ${counts.succeeded} succeeded, ${counts.skipped} were there already, ${counts.failed} failed. ${counts.pending} portraits wait.`,
  );
  for (const [code, count] of Object.entries(failures)) terminal.note(`  failed: ${count} with ${code}`);
  terminal.note(`Look at the results in ${shownPlace(destination)}`);
  let listed = 0;
  for await (const portrait of client.portraits(id, "succeeded")) {
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
      if (waitsForAnswer(status)) return `The provider asks something: darkroom questions ${id} shows what.`;
      return `It has paused itself: ${why}. Look at what failed before you go on: darkroom retry changes the recipe of what failed.`;
    case "budget":
      return `It is paused: ${why}.`;
    case "person":
    case null:
      return `It is paused: ${why}.`;
  }
  return pausedBy satisfies never;
}
