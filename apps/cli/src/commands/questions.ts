import { Option, type Command } from "commander";
import type { AnswerRequest } from "@darkroom/core";
import { batchJson } from "../text/batch-json.ts";
import type { QuestionsView } from "../api/api-views.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { followBatch } from "../follow/follow-batch.ts";
import { providerForLane } from "../options/provider-choice.ts";
import { twinBatchOption } from "../options/twin-batch-option.ts";
import { runAction, withSession, type Invocation, type Surroundings } from "../run-command.ts";
import { openedText } from "./retry.ts";
import { ID_ARGUMENT } from "../options/id-argument.ts";
import { resolveBatchId } from "../api/resolve-batch-id.ts";

interface AnswerOptions {
  readonly question?: string;
  readonly detach?: boolean;
  readonly twin?: boolean;
}

/** `darkroom questions` and `darkroom answer`. */
export function addQuestionCommands(program: Command, surroundings: Surroundings): void {
  const questions = program
    .command("questions")
    .description("Lists the provider's questions, with the number of portraits and a few of them.")
    .argument("<id>", ID_ARGUMENT)
    .addHelpText("after", QUESTIONS_HELP)
    .action(async (id: string) => {
      await runAction(surroundings, questions, (invocation) => listQuestions(invocation, id));
    });

  const answer = program
    .command("answer")
    .description(
      "Reopens the portraits that ended with a question, answers it when the provider asks, and watches until they are done.",
    )
    .argument("<id>", ID_ARGUMENT)
    .argument("<words>", "the answer")
    .addOption(new Option("--question <words>", "only for this question; defaults to any question"))
    .option("--detach", "only reopen them; do not watch")
    .addOption(twinBatchOption())
    .addHelpText("after", ANSWER_HELP)
    .action(async (id: string, words: string, options: AnswerOptions) => {
      await runAction(surroundings, answer, (invocation) => answerBatch(invocation, id, words, options));
    });
}

async function listQuestions(invocation: Invocation, given: string): Promise<void> {
  const { terminal } = invocation;
  await withSession(invocation, undefined, async ({ client }) => {
    const id = await resolveBatchId(client, given);
    const asked = await client.questions(id);
    if (terminal.json) return terminal.data(asked);
    if (asked.questions.length === 0) return terminal.note("The provider asks nothing about this batch.");
    terminal.say(questionsText(asked));
    terminal.note(`Answer for all of them: darkroom answer ${id} "…"`);
  });
}

function questionsText({ questions, others }: QuestionsView): string {
  const blocks = questions.map(({ question, options, portraits, examples }) =>
    [
      `${portraits} × ${question}`,
      ...(options.length === 0 ? [] : [`    it offers: ${options.join(" · ")}`]),
      `    for instance: ${examples.join(", ")}`,
    ].join("\n"),
  );
  return [...blocks, ...(others === 0 ? [] : [`${others} more portraits have other questions`])].join("\n");
}

async function answerBatch(
  invocation: Invocation,
  given: string,
  words: string,
  options: AnswerOptions,
): Promise<ExitCode> {
  const { env, terminal } = invocation;
  const request: AnswerRequest = {
    answer: words,
    ...(options.question === undefined ? {} : { question: options.question }),
  };
  return await withSession(invocation, undefined, async (session) => {
    const { client, kind } = session;
    const before = await client.status(await resolveBatchId(client, given));
    const provider = () => providerForLane(env, options.twin === true, before.lane);
    // If no process can do the work, no portrait must be reopened.
    if (kind === "own" && options.detach !== true) provider();
    const status = await client.answer(before.id, request);
    if (options.detach !== true) return await followBatch(invocation, session, { batch: status, provider });
    if (terminal.json) terminal.data(batchJson(status, null));
    else terminal.say(`Batch ${status.id} ${openedText(status, kind)}`);
    return EXIT.ok;
  });
}

const QUESTIONS_HELP = `
Example:
  $ darkroom questions last

With --json: one object with \`questions\` and \`others\`.

Exit codes: 0 done · 2 no such batch · 5 no API or Redis · 1 anything else`;

const ANSWER_HELP = `
Examples:
  $ darkroom answer last "The natural look, please."
  $ darkroom answer last "Light grey." --question "Which background would you like?"

Exit codes: 0 all done · 2 no such batch, or nothing asks so · 3 done, some portraits failed ·
4 cancelled or failed · 5 no API or Redis · 6 it waits for you · 130 interrupted · 1 anything else`;
