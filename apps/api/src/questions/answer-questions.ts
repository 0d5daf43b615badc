import { askedQuestions, type AskedQuestions } from "@darkroom/archive";
import {
  DarkroomError,
  normalQuestion,
  recipesInUse,
  withAnswer,
  type AnswerRequest,
  type BatchStatus,
  type OutcomeCode,
  type RecipeInUse,
} from "@darkroom/core";
import type { BatchRecord, Order } from "@darkroom/ledger";
import { readBatch, viewBatch } from "../batches/batch-view.ts";
import { beginRound } from "../batches/begin-round.ts";
import { answeredBefore } from "../batches/order.ts";
import type { Services } from "../services.ts";

/** The outcome of a portrait that waits for an answer. */
export const ASKED: OutcomeCode = "needs_clarification";
/** Limit of undrained outcome lines read. */
const MOST_UNDRAINED = 5_000;

/** Reads the unanswered questions of a batch. */
export async function openQuestions({ ledger, openStore }: Services, record: BatchRecord): Promise<AskedQuestions> {
  const { spec, rounds, counts, failures, reopening } = record;
  const asking = failures[ASKED] ?? 0;
  if (asking === 0) return { questions: [], others: 0, portraits: 0, rounds: [] };
  const undrained = await ledger.undrainedOutcomes(spec.id, MOST_UNDRAINED);
  return await askedQuestions(
    openStore(spec.destination.url),
    // While a round is being reopened, its portraits still count as asking although their lines are no longer open.
    { id: spec.id, total: counts.total, rounds, asking: reopening === undefined ? asking : 0 },
    undrained.map(({ line }) => line),
  );
}

/** Starts the rounds and resumes the batch. A repeated request completes the remaining steps. */
export async function answerOnce(
  services: Services,
  record: BatchRecord,
  given: AnswerRequest,
  order: Order,
): Promise<BatchStatus> {
  const { id } = record.spec;
  const begun = (await answeredBefore(services, id, order)) ?? (await answerAll(services, record, given, order));
  // The failure breaker paused the batch because of the question that was just answered.
  if (begun.pausedBy !== "breaker" || begun.reason?.includes(ASKED) !== true) return begun;
  const resumes = order.id === undefined ? {} : { id: `${order.id}:resume` };
  await services.ledger.control.resume(id, undefined, { ...resumes, madeFor: { revision: begun.revision } });
  await services.bus.tell({ type: "batch-resumed", batch: id });
  return await viewBatch(services, await readBatch(services, id));
}

async function answerAll(
  services: Services,
  record: BatchRecord,
  given: AnswerRequest,
  order: Order,
): Promise<BatchStatus> {
  if ((record.failures[ASKED] ?? 0) === 0) throw nothingAsked();
  const recipes = recipesInUse(record.spec.recipe, record.rounds);
  const asked =
    given.question === undefined && recipes.length === 1 ? undefined : await openQuestions(services, record);
  if (asked !== undefined && given.question !== undefined) checkAsked(asked, given.question);
  if (record.cancelled) {
    throw new DarkroomError(
      "conflict",
      "This batch was stopped. Continue it with a retry first; its questions can be answered afterwards.",
    );
  }
  const [first, ...more] = asked === undefined ? recipes : recipesThatAsk(recipes, asked, record, given.question);
  if (first === undefined) throw nothingAsked();
  const roundOf = ({ recipe, rounds }: RecipeInUse): Parameters<typeof beginRound>[2][number] => ({
    codes: [ASKED],
    recipe: withAnswer(recipe, given.answer, given.question),
    ...(given.question === undefined ? {} : { question: given.question }),
    ...(recipes.length === 1 ? {} : { ofRounds: rounds }),
  });
  return await beginRound(services, record, [roundOf(first), ...more.map(roundOf)], { order });
}

/**
 * Returns the recipes of the portraits with this question, or with any question; all recipes when the portraits are
 * unknown.
 */
function recipesThatAsk(
  recipes: readonly RecipeInUse[],
  { questions, portraits, rounds }: AskedQuestions,
  { failures }: BatchRecord,
  question: string | undefined,
): readonly RecipeInUse[] {
  if (portraits < (failures[ASKED] ?? 0)) return recipes;
  const wanted = question === undefined ? undefined : normalQuestion(question);
  const one = questions.find((asked) => normalQuestion(asked.question) === wanted);
  const asking = wanted === undefined ? rounds : (one?.rounds ?? []);
  const found = recipes.filter((inUse) => inUse.rounds.some((round) => asking.includes(round)));
  return found.length === 0 ? recipes : found;
}

function checkAsked({ questions, others }: AskedQuestions, question: string): void {
  const wanted = normalQuestion(question);
  if (others > 0 || questions.some((asked) => normalQuestion(asked.question) === wanted)) return;
  const there = questions.slice(0, 3).map((asked) => `"${asked.question}"`);
  throw new DarkroomError(
    "not_found",
    there.length === 0
      ? nothingAsked().message
      : `No portrait waits with this question. Open questions: ${there.join(", ")}.`,
    { field: "question" },
  );
}

function nothingAsked(): DarkroomError {
  return new DarkroomError("conflict", "No portrait of this batch waits for an answer.");
}
