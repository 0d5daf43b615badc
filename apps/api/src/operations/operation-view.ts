import { z } from "zod";
import { ERROR_CODES } from "@darkroom/core";
import { named } from "../http/schema-names.ts";
import { ACTIONS, type Operation } from "./operation.ts";
import { LOST_AFTER_MS } from "./running-operations.ts";

const count = z.int().min(0);

export const operationViewSchema = named(
  "Operation",
  z.object({
    id: z.string(),
    batch: z.string(),
    action: z.enum(ACTIONS),
    state: z
      .enum(["running", "completed", "failed", "interrupted"])
      .describe(
        "`failed` and `interrupted` (its server died) may have done a part, which stays. Send the action again for the rest: nothing is done twice.",
      ),
    matched: count.describe("Portraits that matched when it began."),
    done: count.describe("Portraits processed so far."),
    costUsd: z.number().nullable().describe("Maximum cost if each is paid once; null without a price."),
    counts: z.record(z.string(), count).describe("Number of portraits by result, such as `recorded` and `unchanged`."),
    problems: z
      .array(z.object({ index: count, id: z.string().nullable(), message: z.string() }))
      .describe("Portraits that could not be processed, at most 100."),
    error: z
      .object({ code: z.enum(ERROR_CODES), detail: z.string() })
      .nullable()
      .describe("Why the operation failed."),
    createdAt: z.iso.datetime(),
    createdBy: z.string().describe("Id of the key."),
    endedAt: z.iso.datetime().nullable(),
  }),
);

export type OperationView = z.infer<typeof operationViewSchema>;

/** @param nowMs Redis' clock */
export function viewOperation(operation: Operation, nowMs: number): OperationView {
  const { tenant: _, seenAt, state, createdAt, endedAt, ...same } = operation;
  const isLost = state === "running" && nowMs - seenAt > LOST_AFTER_MS;
  return {
    ...same,
    state: isLost ? "interrupted" : state,
    createdAt: new Date(createdAt).toISOString(),
    endedAt: endedAt === null ? null : new Date(endedAt).toISOString(),
  };
}
