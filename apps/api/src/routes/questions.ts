import { z } from "zod";
import { askedQuestions, type AskedQuestions } from "@darkroom/archive";
import {
  answerRequestSchema,
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
import { answer } from "../http/answer.ts";
import { batchParams, batchStatusSchema } from "../batches/batch-schemas.ts";
import { readBatch, viewBatch } from "../batches/batch-view.ts";
import { beginRound } from "../batches/begin-round.ts";
import { answeredBefore, ORDER_DESCRIPTION, orderOf, revisionField } from "../batches/order.ts";
import { problems } from "../http/problem.ts";
import { named } from "../http/schema-names.ts";
import type { ApiServer, Services } from "../services.ts";

const ASKED: OutcomeCode = "needs_clarification";
/** Limit of undrained outcome lines read. */
const MOST_UNDRAINED = 5_000;
/** Limit of questions shown. The other questions appear after these were answered. */
const MOST_SHOWN = 50;

const questionsSchema = named(
  "Questions",
  z.object({
    questions: z
      .array(
        z.object({
          question: z.string(),
          options: z.array(z.string()).readonly(),
          portraits: z.int().min(1).describe("Number of portraits that ended with it."),
          examples: z.array(z.string()).describe("Ids of a few of them."),
        }),
      )
      .describe(
        "Most frequent first. Questions that differ only in case, white space and final punctuation are the same.",
      ),
    others: z.int().min(0).describe("Number of portraits whose questions are not listed."),
  }),
);

const ANSWER = `Reopens every portrait that ended with \`question\` (or with any question, if omitted) in a new round of the same
batch. Its recipe gets the answer, which is sent when the agent asks. If retries had changed the recipe of some portraits, each
recipe gets its own round. A batch that the failure breaker paused because of its questions resumes. Each reopened portrait is
paid once it makes a picture.

${ORDER_DESCRIPTION}`;

const answerBody = answerRequestSchema.extend({ revision: revisionField });

/** Routes for questions of the provider's agent, and for their answers. */
export async function questionRoutes(app: ApiServer): Promise<void> {
  app.get(
    "/batches/:id/questions",
    {
      config: { scope: "read" },
      schema: {
        operationId: "listQuestions",
        summary: "List the provider's questions about the portraits of a batch",
        tags: ["batches"],
        params: batchParams,
        response: { 200: answer("The open questions", questionsSchema), ...problems(401, 404, 503) },
      },
    },
    async (request) => {
      const record = await readBatch(app.services, request.params.id);
      const { questions, others } = await waiting(app.services, record);
      const shown = questions.slice(0, MOST_SHOWN);
      const beyond = questions.slice(MOST_SHOWN).reduce((sum, { portraits }) => sum + portraits, others);
      const store = app.services.openStore(record.spec.destination.url);
      const idOf = async (index: number): Promise<string> => {
        const row = await app.services.snapshot.row(store, record.spec.id, index, record.fence);
        return row.id ?? String(index);
      };
      return {
        questions: await Promise.all(
          shown.map(async ({ question, options, portraits, examples }) => ({
            question,
            options,
            portraits,
            examples: await Promise.all(examples.map(idOf)),
          })),
        ),
        others: beyond,
      };
    },
  );

  app.post(
    "/batches/:id/answer",
    {
      config: { scope: "review", spends: true, repeats: "safely" },
      schema: {
        operationId: "answerBatch",
        summary: "Answer a question for all portraits that have it",
        description: ANSWER,
        tags: ["batches"],
        params: batchParams,
        body: answerBody,
        response: { 200: answer("The batch as it is now", batchStatusSchema), ...problems(400, 401, 404, 409, 503) },
      },
    },
    async (request) => {
      const record = await readBatch(app.services, request.params.id);
      const order = orderOf(request, "answer", record, request.body);
      return await answerOnce(app.services, record, request.body, order);
    },
  );
}

async function waiting({ ledger, openStore }: Services, record: BatchRecord): Promise<AskedQuestions> {
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
async function answerOnce(
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
  const asked = given.question === undefined && recipes.length === 1 ? undefined : await waiting(services, record);
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
