import { z } from "zod";
import {
  FACE_FINDINGS,
  isRejected,
  LEFT_BEHIND,
  MOST_LEFT_BEHIND,
  OUTCOME_CODES,
  OUTCOMES,
  shownSource,
  PORTRAIT_STATES,
  type LeftBehind,
  type OutcomeCode,
  type OutcomeLine,
  type SnapshotRow,
} from "@darkroom/core";
import { hasResult, type FoundPortrait } from "./found-portrait.ts";
import { named } from "../http/schema-names.ts";
import { viewReview, type KnownReview } from "../reviews/read-reviews.ts";
import { portraitReviewSchema } from "../reviews/review-conflict.ts";

export const portraitSchema = named(
  "Portrait",
  z.object({
    index: z.int().min(0),
    id: z.string().nullable().describe("The manifest's id, or the source key."),
    state: z.enum(PORTRAIT_STATES),
    source: z.string().nullable().describe("Without the query of a web address, which may be a signature."),
    destination: z.string().nullable().describe("The key under the batch's destination."),
    leftBehind: z
      .enum(LEFT_BEHIND)
      .nullable()
      .describe(
        `What the destination had under this name when the batch ended without the portrait's picture. Known for the first ${MOST_LEFT_BEHIND}; the report has all.`,
      ),
    carried: z.record(z.string(), z.string()).describe("The manifest's other columns."),
    review: portraitReviewSchema.nullable().describe("The decision about its result; null without one."),
    likeness: z
      .object({
        score: z.int().min(0).max(100).nullable().describe("Null if one of the two shows no clear face."),
        findings: z.array(z.enum(FACE_FINDINGS)).readonly(),
        reasons: z.array(z.string()).readonly().describe("The findings in words, in the same order."),
      })
      .nullable()
      .describe("Why a user should review the result's face. Null without findings; the report has all scores."),
    outcome: z
      .object({
        code: z.enum(OUTCOME_CODES),
        message: z.string(),
        retryable: z.boolean(),
        billed: z.enum(["no", "yes", "maybe"]).nullable(),
        attempts: z.int().nullable(),
        providerMs: z.number().nullable(),
        costUsd: z.number().nullable(),
        lostUsd: z.number().nullable(),
        maybeUsd: z.number().nullable(),
        at: z.iso.datetime().nullable(),
        question: z
          .object({ text: z.string(), options: z.array(z.string()).readonly() })
          .nullable()
          .describe("The agent's question, if the portrait ended with one."),
      })
      .nullable()
      .describe("Its outcome. The report has the details of successes, and of failures after the first 10,000."),
  }),
);

export type PortraitView = z.infer<typeof portraitSchema>;

/** The data about an ended portrait. */
interface PortraitFindings {
  readonly detail: OutcomeLine | undefined;
  readonly leftBehind: LeftBehind | undefined;
  readonly review: KnownReview | undefined;
}

const NOBODY_DECIDED: KnownReview = { standing: { state: "undecided", line: 0 }, effective: undefined };

/** Converts a portrait to the API's view: its row, its state and its outcome. */
export function viewPortrait(
  found: FoundPortrait,
  row: SnapshotRow | undefined,
  { detail, leftBehind, review }: PortraitFindings,
): PortraitView {
  return {
    index: found.index,
    id: row?.id ?? null,
    state: found.state,
    source: row?.source === undefined ? null : shownSource(row.source),
    destination: detail?.destination ?? row?.destination ?? null,
    leftBehind: leftBehind ?? null,
    carried: row?.carried ?? {},
    review: hasResult(found) ? viewReview(review ?? NOBODY_DECIDED) : null,
    likeness: viewLikeness(found, detail),
    outcome: viewOutcome(found, row, detail),
  };
}

function viewLikeness({ state }: FoundPortrait, detail: OutcomeLine | undefined): PortraitView["likeness"] {
  if (detail?.face === undefined || OUTCOMES[detail.code].state !== state) return null;
  const { likeness: score, findings, reasons } = detail.face;
  return { score, findings, reasons };
}

function viewOutcome(
  found: FoundPortrait,
  row: SnapshotRow | undefined,
  detail: OutcomeLine | undefined,
): PortraitView["outcome"] {
  if (detail !== undefined && OUTCOMES[detail.code].state === found.state) {
    const { code, message, billed, attempts, providerMs, costUsd, lostUsd = 0, maybeUsd = 0, question = null } = detail;
    const { retryable } = OUTCOMES[code];
    const at = new Date(detail.at).toISOString();
    return { code, message, retryable, billed, attempts, providerMs, costUsd, lostUsd, maybeUsd, at, question };
  }
  const rejected = row !== undefined && isRejected(row) ? row.rejected.message : undefined;
  const code = knownCode(found, rejected !== undefined);
  if (code === undefined) return null;
  const { retryable } = OUTCOMES[code];
  const unknownCost = { costUsd: null, lostUsd: null, maybeUsd: null };
  const unknown = { billed: null, attempts: null, providerMs: null, ...unknownCost, at: null, question: null };
  return { code, message: rejected ?? "", retryable, ...unknown };
}

/** Returns the outcome code that follows from a portrait's state alone. */
function knownCode({ state, neverStarted }: FoundPortrait, rejected: boolean): OutcomeCode | undefined {
  switch (state) {
    case "succeeded":
      return "ok";
    case "skipped":
      return "already_delivered";
    case "cancelled":
      return neverStarted;
    case "failed":
      return rejected ? "invalid_row" : undefined;
    case "pending":
    case "queued":
    case "running":
    case "retrying":
      return undefined;
  }
  return state satisfies never;
}
