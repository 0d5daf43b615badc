import { z } from "zod";
import {
  answerRequestSchema,
  MAX_NOTE_CHARS,
  OUTCOME_CODES,
  PORTRAIT_STATES,
  retryRequestSchema,
  REVIEW_STATES,
  textSchema,
  type OutcomeCode,
} from "@darkroom/core";
import { filterFields } from "../portraits/portrait-filter.ts";

/** Limit of portraits that a query names one by one. */
const MOST_NAMED = 10_000;

const whereSchema = z
  .strictObject({
    state: z.array(z.enum(PORTRAIT_STATES)).min(1).optional(),
    review: z.array(z.enum(REVIEW_STATES)).min(1).optional().describe("Results with these decisions."),
    code: z
      .array(z.enum(OUTCOME_CODES as [OutcomeCode, ...OutcomeCode[]]))
      .min(1)
      .optional()
      .describe("Portraits with these outcomes."),
    billed: z
      .array(z.enum(["no", "yes", "maybe"]))
      .min(1)
      .optional(),
    round: z.int().min(0).max(255).optional().describe("Portraits that ended in this round; 0 is the first."),
    q: filterFields.q,
    indexes: z.array(z.int().min(0)).min(1).max(MOST_NAMED).optional().describe("Only these."),
  })
  .describe(
    "Selects portraits by all that is given, as `GET …/portraits` does. Default: all that the action concerns.",
  );

export type Where = z.infer<typeof whereSchema>;

const common = {
  where: whereSchema.default({}),
  expect: z
    .int()
    .min(0)
    .optional()
    .describe("Number of portraits that the user saw. The action is refused if another number matches now."),
  dryRun: z.boolean().default(false).describe("Only count the portraits and compute the price."),
};

const note = textSchema(MAX_NOTE_CHARS);
const reviewed = {
  note: note.optional(),
  revision: z.int().min(0).optional().describe("`review.revision` of the batch on which this is based."),
  ...common,
};

export const actionSchema = z.discriminatedUnion("action", [
  z.strictObject({ action: z.literal("retry"), recipe: retryRequestSchema.shape.recipe, ...common }),
  z.strictObject({ action: z.literal("approve"), ...reviewed }),
  z.strictObject({ action: z.literal("reject"), ...reviewed }),
  z.strictObject({ action: z.literal("undo"), ...reviewed }),
  z.strictObject({ action: z.literal("redo"), ...reviewed, note: note.describe("How the new result should differ.") }),
  z.strictObject({
    action: z.literal("deliver"),
    destination: z.string().min(1).max(2_000).describe("`s3://bucket/prefix/` or `file:///folder/`."),
    template: z.string().min(1).max(500).optional().describe("As in `POST …/deliveries`."),
    ...common,
  }),
  z.strictObject({
    action: z.literal("answer"),
    answer: answerRequestSchema.shape.answer,
    question: answerRequestSchema.shape.question,
    ...common,
  }),
]);

export type ActionRequest = z.infer<typeof actionSchema>;
/** The request of one action. */
export type RequestOf<Action extends ActionRequest["action"]> = Extract<ActionRequest, { action: Action }>;

export const dryRunSchema = z.object({
  matched: z.int().min(0).describe("Portraits that the action would affect."),
  costUsd: z.number().nullable().describe("Maximum cost if each is paid once; null without a price."),
});
