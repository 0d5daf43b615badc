import { z } from "zod";
import { answerRequestSchema } from "@darkroom/core";
import { answer } from "../http/answer.ts";
import { batchParams, batchStatusSchema } from "../batches/batch-schemas.ts";
import { readBatch } from "../batches/batch-view.ts";
import { ORDER_DESCRIPTION, orderOf, revisionField } from "../batches/order.ts";
import { problems } from "../http/problem.ts";
import { named } from "../http/schema-names.ts";
import { answerOnce, openQuestions } from "../questions/answer-questions.ts";
import type { ApiServer } from "../services.ts";

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
          portraits: z.int().min(1).describe("Number of portraits that ended with this question."),
          examples: z.array(z.string()).describe("Ids of some of these portraits."),
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
      const { questions, others } = await openQuestions(app.services, record);
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
