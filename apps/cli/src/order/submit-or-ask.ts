import { isCancel, select } from "@clack/prompts";
import { isDarkroomError, type Overwrite } from "@darkroom/core";
import type { SubmittedBatch } from "../api/api-views.ts";
import { CommandError, EXIT, Interrupted } from "../exit-codes.ts";
import type { Session } from "../local-stack/session.ts";
import type { Invocation } from "../run-command.ts";
import { submitBatch, type PreparedBatch } from "./submit-batch.ts";

/**
 * Submits a user's order. If the destination holds results of another recipe, asks what to do with those results.
 * Without a terminal, the API's refusal names the options.
 *
 * @throws CommandError with exit code 2 if the user declines
 */
export async function submitOrAsk(
  invocation: Invocation,
  session: Pick<Session, "client">,
  prepared: PreparedBatch,
): Promise<SubmittedBatch> {
  const { terminal } = invocation;
  try {
    return await submitBatch(session, prepared);
  } catch (error) {
    if (!isDarkroomError(error, "conflict") || error.field !== "overwrite" || !terminal.canAsk) throw error;
    terminal.note(error.message);
  }
  const overwrite = await askWhatBecomes(invocation);
  if (overwrite === undefined) throw new CommandError(EXIT.usage, "Nothing was submitted, and nothing was replaced.");
  return await submitBatch(session, { ...prepared, submission: { ...prepared.submission, overwrite } });
}

/** Returns undefined if nothing is submitted. */
async function askWhatBecomes({ terminal, signal }: Invocation): Promise<Overwrite | undefined> {
  const { stdin: input, stderr: output } = terminal.streams;
  const answer = await select<"stop" | "keep" | "remake">({
    message: "What should happen to these results?",
    options: [
      { value: "stop", label: "Stop", hint: "nothing is submitted" },
      { value: "keep", label: "Keep them, and enhance the other photos" },
      { value: "remake", label: "Enhance them again", hint: "they are replaced, and paid for again" },
    ],
    input,
    output,
    signal,
  });
  if (isCancel(answer)) throw new Interrupted();
  switch (answer) {
    case "stop":
      return undefined;
    case "keep":
      return false;
    case "remake":
      return "other-recipe";
  }
  return answer satisfies never;
}
