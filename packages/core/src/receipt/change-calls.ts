import { isCounted } from "./attempts.ts";
import { isPresent, sumOfCall, type Call, type CallStatus } from "./call.ts";
import { callOf, type Receipt } from "./receipt.ts";

/** A status of a call that is over. */
type OverStatus = Extract<CallStatus, "free" | "spent" | "lost" | "given-up">;

/** Returns the receipt with the call as the present one of its step. */
export function withCall(receipt: Receipt, call: Call): Receipt {
  const before = callOf(receipt, call.step);
  const { calls } = receipt;
  return { ...receipt, calls: before === undefined ? [...calls, call] : calls.with(calls.indexOf(before), call) };
}

/**
 * Ends the present calls of a step and of later ones. Drops calls that no sum needs. Apart from the present ones, a
 * receipt keeps only calls that may be paid or may fail (see `callsLeft`).
 *
 * @param statusOf returns the new status of each
 */
export function withCallsOver(receipt: Receipt, step: number, statusOf: (call: Call) => OverStatus): Receipt {
  const calls = receipt.calls.map((call) => (isPresent(call) && call.step >= step ? over(call, statusOf(call)) : call));
  return { ...receipt, calls: calls.filter(isNeeded) };
}

/** Returns the call as over, without its pictures and recall results. */
function over(call: Call, status: OverStatus): Call {
  const { step, at, generation, priceMicroUsd, counts, silences } = call;
  return {
    step,
    at,
    generation,
    ...(priceMicroUsd === undefined || status === "free" ? {} : { priceMicroUsd }),
    status,
    ...(counts === undefined || !isCounted(call) ? {} : { counts }),
    ...(silences === undefined ? {} : { silences }),
  };
}

function isNeeded(call: Call): boolean {
  return isPresent(call) || sumOfCall(call) !== "none" || isCounted(call);
}

/** The optional fields of a receipt, or of a part of it. */
type OptionalField<T> = { [Field in keyof T]-?: T extends Record<Field, T[Field]> ? never : Field }[keyof T];

/** Returns a receipt, or a part of it, without some of its optional fields. */
export function withoutFields<T extends object>(value: T, ...fields: readonly OptionalField<T>[]): T {
  const kept = Object.entries(value).filter(([name]) => !(fields as readonly string[]).includes(name));
  return Object.fromEntries(kept) as T;
}
