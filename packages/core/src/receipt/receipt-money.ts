import type { CallsMicroUsd } from "../money/costs.ts";
import { sumOfCall, type Call } from "./call.ts";
import type { Receipt } from "./receipt.ts";

/** Micro-USD; null if one of its calls had no price. */
type Micro = number | null;

/** Returns the total cost of these calls (micro-USD), each at the price of its time; null if one had no price. */
export function costOf(calls: readonly Call[]): Micro {
  return calls.reduce<Micro>(
    (sum, { priceMicroUsd }) => (sum === null || priceMicroUsd === undefined ? null : sum + priceMicroUsd),
    0,
  );
}

/** Returns the cost of a receipt's calls. A lost call also counts as paid. */
export function moneyOf({ calls }: Pick<Receipt, "calls">): CallsMicroUsd {
  return {
    paid: costOf(calls.filter(isPaidCall)),
    lost: costOf(calls.filter((call) => sumOfCall(call) === "lost")),
    maybe: costOf(calls.filter((call) => sumOfCall(call) === "maybe")),
  };
}

/** Returns calls that may have been paid and are not in the sum `maybe`, because their answer may still arrive. */
export function openCalls({ calls }: Pick<Receipt, "calls">): readonly Call[] {
  return calls.filter((call) => sumOfCall(call) === "open");
}

/** True if a call was certainly paid. */
export function isPaid({ calls }: Pick<Receipt, "calls">): boolean {
  return calls.some(isPaidCall);
}

/** True if a call may have been paid without an answer, or was paid again after its pictures were lost. */
export function mayBeBilled({ calls }: Pick<Receipt, "calls">): boolean {
  return calls.some((call) => sumOfCall(call) === "maybe" || sumOfCall(call) === "lost");
}

function isPaidCall(call: Call): boolean {
  const sum = sumOfCall(call);
  return sum === "paid" || sum === "lost";
}
