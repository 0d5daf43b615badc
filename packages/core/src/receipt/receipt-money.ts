import type { CallsMicroUsd } from "../money/costs.ts";
import type { Receipt, Turn } from "./receipt.ts";

/** Micro-USD; null where a call that is in it had no price. */
type Micro = number | null;

export function plus(one: Micro, other: Micro): Micro {
  return one === null || other === null ? null : one + other;
}

export function minus(one: Micro, other: Micro): Micro {
  return one === null || other === null ? null : one - other;
}

/** What a turn's call costs, as it was priced when it was made. */
export function priceOf({ callMicroUsd }: Pick<Receipt, "callMicroUsd">, turn: Turn | undefined): Micro {
  return turn?.microUsd ?? callMicroUsd ?? null;
}

/** What the calls cost that a receipt has counted. */
export function moneyOf({ paidMicroUsd = 0, lostMicroUsd = 0, maybeMicroUsd = 0 }: Receipt): CallsMicroUsd {
  return { paid: paidMicroUsd, lost: lostMicroUsd, maybe: maybeMicroUsd };
}

/** The receipt with one more turn that was surely paid. */
export function withPaid(receipt: Receipt, turn: Turn | undefined): Receipt {
  const paidMicroUsd = plus(moneyOf(receipt).paid, priceOf(receipt, turn));
  return { ...receipt, paidTurns: receipt.paidTurns + 1, paidMicroUsd };
}

/** The receipt with a turn taken out of the paid ones. */
export function withoutPaid(receipt: Receipt, turn: Turn): Receipt {
  const paidMicroUsd = minus(moneyOf(receipt).paid, priceOf(receipt, turn));
  return { ...receipt, paidTurns: receipt.paidTurns - 1, paidMicroUsd };
}

/** The receipt before a call at this price. */
export function atPrice(receipt: Receipt, microUsd: number | undefined): Receipt {
  const { callMicroUsd: _, ...rest } = receipt;
  return microUsd === undefined ? rest : { ...rest, callMicroUsd: microUsd };
}

/**
 * The receipt where calls of it may have been forgotten, at a provider that cannot be asked: as much as these may have
 * been paid. Once, however often it is said; what is unclear already stays as it is.
 *
 * @param calls the price of each call (micro-USD), undefined for one without
 */
export function withForgotten(receipt: Receipt, calls: readonly (number | undefined)[]): Receipt {
  if (receipt.maybeBilled) return receipt;
  const micro = calls.reduce<Micro>((sum, call) => plus(sum, call ?? null), 0);
  return { ...receipt, maybeBilled: true, maybeCalls: calls.length, maybeMicroUsd: micro };
}
