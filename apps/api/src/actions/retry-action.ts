import { dearestOfBatchUsd, DarkroomError, OUTCOMES, rangesOf } from "@darkroom/core";
import { rowsRead } from "@darkroom/ledger";
import { beginRound, checkPrice } from "../batches/begin-round.ts";
import { checkRetriable, codesByDefault, recipeWished } from "../batches/retry-order.ts";
import type { RequestOf } from "./action-schemas.ts";
import { orderOfOperation, type ActionPlan } from "./action-plan.ts";
import { matchPortraits, type ActionContext } from "./match-portraits.ts";

/** Ranges of portraits in one round. Every reader of the batch reads them. */
const MOST_RANGES = 500;
/** Rounds that one action may begin. */
const MOST_ROUNDS_AT_ONCE = 10;

/** Plans to reopen failed portraits: those with certain outcomes, or only those that match a query. */
export async function planRetry(context: ActionContext, request: RequestOf<"retry">): Promise<ActionPlan> {
  const { services, record } = context;
  const { where } = request;
  checkRetriable(where.code, "where.code");
  const recipe = recipeWished(record, request);
  checkPrice(record, recipe);
  const { code = codesByDefault(request.recipe), ...narrower } = where;
  const isNarrow = Object.keys(narrower).length > 0;
  if (record.cancelled && (isNarrow || !code.includes(record.stopCode))) {
    const message = `This batch was stopped: a retry continues all portraits that never started (${record.stopCode}). Name only codes in where, and this one among them.`;
    throw new DarkroomError("conflict", message, { field: "where" });
  }
  const states = new Set(code.map((each) => OUTCOMES[each].state));
  const indexes = await matchPortraits(context, { ...where, code: [...code] }, ({ state }) =>
    states.has(state as never),
  );
  const portraits = isNarrow ? partsOf(indexes) : [undefined];
  const rounds = portraits.map((ranges) => ({
    codes: code,
    recipe,
    ...(ranges === undefined ? {} : { portraits: ranges }),
  }));
  const priceUsd = dearestOfBatchUsd(record.spec, recipe, rowsRead(record));
  return {
    matched: indexes.length,
    costUsd: priceUsd === undefined ? null : priceUsd * indexes.length,
    carry: (id) => async (report) => {
      const [first, ...more] = rounds;
      if (first === undefined) return;
      await beginRound(services, record, [first, ...more], { order: orderOfOperation(id, record) });
      report({ done: indexes.length, counts: { reopened: indexes.length } });
    },
  };
}

/** Splits portraits into ranges of one round each. */
function partsOf(indexes: readonly number[]): readonly string[] {
  const ranges = rangesOf(indexes).split(",");
  const parts: string[] = [];
  for (let at = 0; at < ranges.length; at += MOST_RANGES) parts.push(ranges.slice(at, at + MOST_RANGES).join(","));
  if (parts.length <= MOST_ROUNDS_AT_ONCE) return parts;
  const message = `where: ${indexes.length} portraits match in ${ranges.length} separate places, and a retry by such a query reopens at most ${MOST_RANGES * MOST_ROUNDS_AT_ONCE}. Name only codes, or retry in parts.`;
  throw new DarkroomError("invalid_input", message, { field: "where" });
}
