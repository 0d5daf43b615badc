import { boundsOf } from "@darkroom/access";
import { checkDestinationBounds, checkTemplate, destinationUrlOf } from "@darkroom/intake";
import type { Operation } from "../operations/operation.ts";
import { checkFinalPlace, deliverApproved } from "../reviews/deliver-approved.ts";
import { adoptReviews } from "../reviews/review-results.ts";
import type { RequestOf } from "./action-schemas.ts";
import { checkNoQuery, type ActionPlan } from "./action-plan.ts";
import type { ActionContext } from "./match-portraits.ts";

const MOST_PROBLEMS = 100;

/** Plans the delivery of all approved results. */
export async function planDelivery(context: ActionContext, request: RequestOf<"deliver">): Promise<ActionPlan> {
  const { services, record, caller } = context;
  const { destination, template, where } = request;
  checkNoQuery(where, "a delivery hands over all that is approved, and takes back what no longer is.");
  if (template !== undefined) checkTemplate(template);
  const url = destinationUrlOf(destination, services.openStore);
  checkDestinationBounds(url, boundsOf(caller.limits));
  checkFinalPlace(url, record);
  await adoptReviews(services, record);
  const now = (await services.ledger.read(record.spec.id)) ?? record;
  const place = { url, target: services.openStore(url), template };
  return {
    matched: now.review.approved,
    costUsd: 0,
    carry: () => async (report, signal) => {
      const counts = { delivered: 0, unchanged: 0, removed: 0, failed: 0 };
      const problems: Operation["problems"] = [];
      for (let cursor: number | undefined = 0; cursor !== undefined;) {
        signal.throwIfAborted();
        const page = await deliverApproved(services, now, { ...place, cursor });
        counts.delivered += page.delivered;
        counts.unchanged += page.unchanged;
        counts.removed += page.removed;
        counts.failed += new Set(page.problems.map(({ index }) => index)).size;
        problems.push(...page.problems.slice(0, MOST_PROBLEMS - problems.length));
        report({
          done: counts.delivered + counts.unchanged + counts.failed,
          counts: { ...counts },
          problems: [...problems],
        });
        cursor = page.nextCursor;
      }
    },
  };
}
