import {
  type BatchStatus,
  DarkroomError,
  type Recipe,
  type Round,
  canonicalJson,
  dearestOfBatchUsd,
} from "@darkroom/core";
import {
  MOST_ROUNDS,
  rowsRead,
  type BatchRecord,
  type NewReviewLine,
  type Order,
  type ReviewChange,
} from "@darkroom/ledger";
import { serverNow } from "@darkroom/redis-kit";
import { readBatch, viewBatch } from "./batch-view.ts";
import { notCarriedOut } from "./order.ts";
import type { Services } from "../services.ts";

interface RoundOrder {
  readonly order: Order;
  /** The line of the review log that ordered the round; recorded with it, or not at all. */
  readonly review?: { readonly line: NewReviewLine; readonly changes: readonly ReviewChange[] };
}

type Wished = Pick<Round, "codes" | "recipe" | "question" | "ofRounds" | "portraits">;

/**
 * Starts one or more disjoint rounds of a batch. A producer then reopens their portraits.
 *
 * @returns the current batch
 * @throws DarkroomError `conflict` while another round is being reopened, when the batch's state does not allow a
 * round, or when another user decides about the same results; nothing has changed then
 */
export async function beginRound(
  services: Services,
  record: BatchRecord,
  wished: readonly [Wished, ...Wished[]],
  { order, review }: RoundOrder,
): Promise<BatchStatus> {
  const { id } = record.spec;
  for (const { recipe } of wished) checkPrice(record, recipe);
  // The time is compared with the batch's deadline, so it must come from Redis' clock.
  await services.followClock();
  const at = serverNow();
  const [round, ...more] = wished;
  const others = more.map((other) => ({ at, ...other }));
  const again = lostDuplicate(record, round);
  const repeated = again === undefined ? {} : { again: true as const };
  const options = { more: others, again, review, order };
  const begun = await services.ledger.control.beginRound(id, { at, ...round, ...repeated }, options);
  if (begun.kind === "busy") {
    throw new DarkroomError(
      "conflict",
      "The portraits of an earlier round are still being reopened. Ask again in a moment.",
      { retryable: true },
    );
  }
  if (begun.kind === "full") {
    throw new DarkroomError(
      "conflict",
      `This batch already has ${MOST_ROUNDS} retry rounds, the maximum. Submit the rest as a new batch.`,
    );
  }
  if (begun.kind === "changed") {
    throw new DarkroomError("conflict", "Others decide on the same results right now. Ask again in a moment.", {
      retryable: true,
    });
  }
  if (begun.kind === "refused") {
    throw new DarkroomError("conflict", `Portraits of a batch that is ${begun.state} cannot be retried now.`);
  }
  if (begun.kind !== "begun") throw notCarriedOut(begun);
  await services.bus.tell({ type: "batch-resumed", batch: id });
  return await viewBatch(services, await readBatch(services, id));
}

/**
 * Returns the number of the last round if Redis lost that round and this request repeats it. The new round then reuses
 * the results of the lost round's calls and pays for nothing twice.
 */
function lostDuplicate({ rounds }: BatchRecord, { recipe }: Wished): number | undefined {
  const last = rounds.at(-1);
  const isDuplicate = last?.codes.length === 0 && canonicalJson(last.recipe) === canonicalJson(recipe);
  return isDuplicate ? last.number : undefined;
}

/** Rejects a recipe without a price in a batch with a budget, because the budget could not be enforced. */
export function checkPrice(record: BatchRecord, recipe: Recipe): void {
  if (record.maxCostUsd === undefined) return;
  if (dearestOfBatchUsd(record.spec, recipe, rowsRead(record)) !== undefined) return;
  throw new DarkroomError(
    "invalid_input",
    "The batch has a budget, but its price table has no price for this recipe (with a manifest, every mode that a row chooses needs one). Choose a recipe with a price, or submit these portraits as a new batch with DARKROOM_PRICES.",
    { field: "recipe" },
  );
}
