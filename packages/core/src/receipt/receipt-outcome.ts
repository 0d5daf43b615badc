import { spentOn, type CallsMicroUsd } from "../money/costs.ts";
import { MICRO } from "../money/micro-usd.ts";
import { microRounded } from "../money/prices.ts";
import { OUTCOMES, type Billed, type Outcome, type OutcomeCode } from "../report/outcome.ts";
import { moneyOf, plus, priceOf } from "./receipt-money.ts";
import { mayBePaid, type Receipt } from "./receipt.ts";

/** An outcome of what the receipt has seen. */
export function outcomeOf(receipt: Receipt, code: OutcomeCode, message: string, billed?: Billed): Outcome {
  const known: Billed = receipt.maybeBilled ? "maybe" : receipt.paidTurns > 0 ? "yes" : "no";
  const found = OUTCOMES[code].state === "succeeded" ? receipt.found : undefined;
  const told = billed ?? (found !== undefined && known === "no" ? "yes" : known);
  const spent = spentOn(code, moneyAtEnd(receipt, told));
  const { lostUsd, maybeUsd } = spent;
  const foundUsd = found === undefined || found.microUsd === null ? undefined : microRounded(found.microUsd / MICRO);
  const costUsd = spent.costUsd === null || found?.microUsd === null ? null : spent.costUsd + (foundUsd ?? 0);
  return {
    code,
    billed: told,
    message,
    attempts: receipt.attempts,
    providerMs: receipt.providerMs,
    costUsd,
    ...(lostUsd === 0 ? {} : { lostUsd }),
    ...(maybeUsd === 0 ? {} : { maybeUsd }),
    ...(foundUsd === undefined ? {} : { foundUsd }),
    ...(found === undefined ? {} : { lane: found.lane }),
  };
}

/** The outcome with what the receipt has to say of the portrait. */
export function withNotes(outcome: Outcome, { notes = [] }: Receipt): Outcome {
  return notes.length === 0 ? outcome : { ...outcome, warnings: [...notes, ...(outcome.warnings ?? [])] };
}

/**
 * How a portrait of a stopped batch ends: whether the provider has seen it decides how it is called.
 *
 * @param code for one that was never started
 */
export function stoppedOutcome(receipt: Receipt, code: OutcomeCode): Outcome {
  if (receipt.firstIntentAt === undefined) return outcomeOf(receipt, code, "");
  const billed = receipt.turns.some(mayBePaid) ? "maybe" : undefined;
  return outcomeOf(receipt, "cancelled_in_flight", "cancelled while the provider worked on it", billed);
}

/** The calls of a portrait that ends now: where it may have been billed, so may a call that is still open. */
function moneyAtEnd(receipt: Receipt, billed: Billed): CallsMicroUsd {
  const money = moneyOf(receipt);
  if (billed !== "maybe") return { ...money, maybe: 0 };
  const open = receipt.turns.filter((turn) => mayBePaid(turn) && turn.maybe !== true);
  const maybe = open.reduce((sum, turn) => plus(sum, priceOf(receipt, turn)), money.maybe);
  const isCounted = receipt.paidTurns + (receipt.maybeCalls ?? 0) + open.length > 0;
  return { ...money, maybe: isCounted ? maybe : priceOf(receipt, undefined) };
}

/** What a portrait has cost when its last answer, by itself, was billed so. */
export function billedWith(receipt: Receipt, last: Billed): Billed {
  if (receipt.maybeBilled || last === "maybe") return "maybe";
  return receipt.paidTurns > 0 ? "yes" : last;
}

/** The receipt with the attempt that the provider answered counted in. */
export function answered(receipt: Receipt): Receipt {
  return { ...receipt, attempts: receipt.attempts + 1 };
}
