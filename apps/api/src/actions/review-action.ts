import { DarkroomError } from "@darkroom/core";
import { hasResult } from "../portraits/found-portrait.ts";
import { MOST_REDONE, planRedo, redoResults } from "../reviews/redo-results.ts";
import { reviewResults } from "../reviews/review-results.ts";
import type { RequestOf } from "./action-schemas.ts";
import { orderOfOperation, type ActionPlan } from "./action-plan.ts";
import { matchPortraits, type ActionContext } from "./match-portraits.ts";

/** Decisions recorded between two reports of progress: one line of the log. */
const AT_ONCE = 500;

/** Plans decisions about all results that match. */
export async function planReviews(
  context: ActionContext,
  request: RequestOf<"approve" | "reject" | "undo">,
): Promise<ActionPlan> {
  const { services, record, caller } = context;
  const { action: order, note, revision, where } = request;
  const indexes = await matchPortraits(context, where, hasResult);
  const given = { order, note, revision, by: caller.id };
  return {
    matched: indexes.length,
    costUsd: 0,
    carry: () => async (report, signal) => {
      const counts = { recorded: 0, unchanged: 0 };
      for (let at = 0; at < indexes.length; at += AT_ONCE) {
        signal.throwIfAborted();
        const some = indexes.slice(at, at + AT_ONCE);
        const { recorded, unchanged } = await reviewResults(services, record, given, some);
        counts.recorded += recorded;
        counts.unchanged += unchanged;
        report({ done: at + some.length, counts: { ...counts } });
      }
    },
  };
}

/** Plans an order that replaces the matching results. */
export async function planRedoAction(context: ActionContext, request: RequestOf<"redo">): Promise<ActionPlan> {
  const { services, record, caller } = context;
  const { note, revision, where } = request;
  const indexes = await matchPortraits(context, where, ({ state }) => state === "succeeded");
  if (indexes.length > MOST_REDONE) {
    const message = `where: ${indexes.length} results match, and an order may name at most ${MOST_REDONE}. Narrow it.`;
    throw new DarkroomError("invalid_input", message, { field: "where" });
  }
  const given = { note, revision, by: caller.id, indexes };
  const plan = indexes.length === 0 ? { groups: [], costUsd: 0 } : await planRedo(services, record, given);
  return {
    matched: indexes.length,
    costUsd: plan.costUsd ?? null,
    carry: (id) => async (report) => {
      await redoResults(services, record, { given, plan, order: orderOfOperation(id, record) });
      report({ done: indexes.length, counts: { reopened: indexes.length } });
    },
  };
}
