import { dearestOfBatchUsd, latestRecipe, normalQuestion } from "@darkroom/core";
import { rowsRead } from "@darkroom/ledger";
import { answerOnce, ASKED, openQuestions } from "../questions/answer-questions.ts";
import type { RequestOf } from "./action-schemas.ts";
import { checkNoQuery, orderOfOperation, type ActionPlan } from "./action-plan.ts";
import type { ActionContext } from "./match-portraits.ts";

/** Plans to answer a question for all portraits that ended with it. */
export async function planAnswer(context: ActionContext, request: RequestOf<"answer">): Promise<ActionPlan> {
  const { services, record } = context;
  const { answer, question, where } = request;
  checkNoQuery(where, "an answer concerns every portrait with its question.");
  const matched = await asking(context, question);
  const priceUsd = dearestOfBatchUsd(record.spec, latestRecipe(record.spec.recipe, record.rounds), rowsRead(record));
  const given = { answer, ...(question === undefined ? {} : { question }) };
  return {
    matched,
    costUsd: priceUsd === undefined ? null : priceUsd * matched,
    carry: (id) => async (report) => {
      await answerOnce(services, record, given, orderOfOperation(id, record));
      report({ done: matched, counts: { reopened: matched } });
    },
  };
}

/** Counts the portraits that ended with a question, or with any. */
async function asking({ services, record }: ActionContext, question: string | undefined): Promise<number> {
  if (question === undefined) return record.failures[ASKED] ?? 0;
  const { questions } = await openQuestions(services, record);
  const wanted = normalQuestion(question);
  return questions.find((asked) => normalQuestion(asked.question) === wanted)?.portraits ?? 0;
}
