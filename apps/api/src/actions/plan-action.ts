import type { Scope } from "@darkroom/access";
import type { ActionRequest } from "./action-schemas.ts";
import type { ActionPlan } from "./action-plan.ts";
import { planAnswer } from "./answer-action.ts";
import { planDelivery } from "./deliver-action.ts";
import type { ActionContext } from "./match-portraits.ts";
import { planRetry } from "./retry-action.ts";
import { planRedoAction, planReviews } from "./review-action.ts";

interface ActionRights {
  readonly scope: Scope;
  /** True if the batch may spend more. */
  readonly spends: boolean;
}

/** The scope that a key needs for each action, as for the corresponding route without a query. */
export const RIGHTS: Readonly<Record<ActionRequest["action"], ActionRights>> = {
  retry: { scope: "manage", spends: true },
  approve: { scope: "review", spends: false },
  reject: { scope: "review", spends: false },
  undo: { scope: "review", spends: false },
  redo: { scope: "review", spends: true },
  deliver: { scope: "manage", spends: false },
  answer: { scope: "review", spends: true },
};

/** Counts the portraits of an action, and computes its maximum cost. Changes nothing. */
export async function planAction(context: ActionContext, request: ActionRequest): Promise<ActionPlan> {
  switch (request.action) {
    case "retry":
      return await planRetry(context, request);
    case "approve":
    case "reject":
    case "undo":
      return await planReviews(context, request);
    case "redo":
      return await planRedoAction(context, request);
    case "deliver":
      return await planDelivery(context, request);
    case "answer":
      return await planAnswer(context, request);
  }
  return request satisfies never;
}
