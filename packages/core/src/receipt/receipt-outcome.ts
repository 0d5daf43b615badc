import { spentOn, type CallsMicroUsd } from "../money/costs.ts";
import { MICRO } from "../money/micro-usd.ts";
import { microRounded } from "../money/prices.ts";
import { OUTCOMES, type Billed, type Outcome, type OutcomeCode } from "../report/outcome.ts";
import { attemptsOf } from "./attempts.ts";
import { mayBePaid } from "./call.ts";
import { costOf, isPaid, mayBeBilled, moneyOf, openCalls } from "./receipt-money.ts";
import type { Receipt } from "./receipt.ts";

/** Builds an outcome from the receipt. */
export function outcomeOf(receipt: Receipt, code: OutcomeCode, message: string, billed?: Billed): Outcome {
  const known: Billed = mayBeBilled(receipt) ? "maybe" : isPaid(receipt) ? "yes" : "no";
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
    attempts: attemptsOf(receipt),
    providerMs: receipt.providerMs,
    costUsd,
    ...(lostUsd === 0 ? {} : { lostUsd }),
    ...(maybeUsd === 0 ? {} : { maybeUsd }),
    ...(foundUsd === undefined ? {} : { foundUsd }),
    ...(found === undefined ? {} : { lane: found.lane }),
  };
}

/** Builds an outcome from the receipt, and counts the attempt that the provider answered. */
export function outcomeOfAnswer(receipt: Receipt, code: OutcomeCode, message: string, billed?: Billed): Outcome {
  const outcome = outcomeOf(receipt, code, message, billed);
  return { ...outcome, attempts: outcome.attempts + 1 };
}

/** Adds the receipt's notes to the outcome. */
export function withNotes(outcome: Outcome, { notes = [] }: Receipt): Outcome {
  return notes.length === 0 ? outcome : { ...outcome, warnings: [...notes, ...(outcome.warnings ?? [])] };
}

/**
 * Returns the outcome of a portrait in a stopped batch. Its code depends on whether the provider was called.
 *
 * @param code for a portrait that never started
 */
export function stoppedOutcome(receipt: Receipt, code: OutcomeCode): Outcome {
  if (receipt.firstIntentAt === undefined) return outcomeOf(receipt, code, "");
  const billed = receipt.calls.some(mayBePaid) ? "maybe" : undefined;
  return outcomeOf(receipt, "cancelled_in_flight", "cancelled while the provider worked on it", billed);
}

/**
 * Returns the cost of a portrait that ends now. If the portrait may have been billed, so may a call that is still open.
 */
function moneyAtEnd(receipt: Receipt, billed: Billed): CallsMicroUsd {
  const money = moneyOf(receipt);
  if (billed !== "maybe") return { ...money, maybe: 0 };
  const open = openCalls(receipt);
  const isCounted = isPaid(receipt) || mayBeBilled(receipt) || open.length > 0;
  const maybe = money.maybe === null ? null : plus(money.maybe, costOf(open));
  return { ...money, maybe: isCounted ? maybe : costOf(receipt.calls.slice(-1)) };
}

/** Returns whether a portrait was billed, given its last answer. */
export function billedWith(receipt: Receipt, last: Billed): Billed {
  if (mayBeBilled(receipt) || last === "maybe") return "maybe";
  return isPaid(receipt) ? "yes" : last;
}

function plus(one: number, other: number | null): number | null {
  return other === null ? null : one + other;
}
