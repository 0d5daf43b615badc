import { z } from "zod";
import {
  answerRequestSchema,
  MAX_NOTE_CHARS,
  OUTCOME_CODES,
  PORTRAIT_STATES,
  retryRequestSchema,
  REVIEW_STATES,
  type OutcomeCode,
} from "@darkroom/core";
import { filterFields } from "../portraits/portrait-filter.ts";

/** Limit of portraits that a query names one by one. */
const MOST_NAMED = 10_000;

const whereSchema = z
  .strictObject({
    state: z.array(z.enum(PORTRAIT_STATES)).min(1).optional(),
    review: z.array(z.enum(REVIEW_STATES)).min(1).optional().describe("Those with a result and these decisions."),
    code: z
      .array(z.enum(OUTCOME_CODES as [OutcomeCode, ...OutcomeCode[]]))
      .min(1)
      .optional()
      .describe("Those that ended with these outcomes."),
    billed: z
      .array(z.enum(["no", "yes", "maybe"]))
      .min(1)
      .optional(),
    round: z.int().min(0).max(255).optional().describe("Those that ended in this round; 0 is the first."),
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
    .describe("The number of portraits that a person saw. If another number matches now, the action is refused."),
  dryRun: z.boolean().default(false).describe("Only count, and name the price."),
};

const note = z.string().trim().min(1).max(MAX_NOTE_CHARS);
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
  z.strictObject({ action: z.literal("redo"), ...reviewed, note: note.describe("What should be different.") }),
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
  matched: z.int().min(0).describe("Portraits that the action would concern."),
  costUsd: z.number().nullable().describe("The most that it may cost, if each is paid once; null without a price."),
});
