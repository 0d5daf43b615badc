import { isCancel, select } from "@clack/prompts";
import { isDarkroomError, type Overwrite } from "@darkroom/core";
import type { SubmittedBatch } from "../api/api-views.ts";
import { CommandError, EXIT, Interrupted } from "../exit-codes.ts";
import type { Session } from "../local-stack/session.ts";
import type { Invocation } from "../run-command.ts";
import { submitBatch, type PreparedBatch } from "./submit-batch.ts";

/**
 * Submits what a person typed. Where results of another recipe lie at the destination, the person is asked what becomes of
 * them; without a terminal the API's refusal says how to order that.
 *
 * @throws CommandError with exit code 2 where the person stops
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

/** Undefined where nothing is to be submitted. */
async function askWhatBecomes({ terminal, signal }: Invocation): Promise<Overwrite | undefined> {
  const { stdin: input, stderr: output } = terminal.streams;
  const answer = await select<"stop" | "keep" | "remake">({
    message: "What becomes of these results?",
    options: [
      { value: "stop", label: "Stop", hint: "nothing is submitted" },
      { value: "keep", label: "Keep them, and enhance the other photos" },
      { value: "remake", label: "Make them anew", hint: "they are replaced, and paid again" },
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
