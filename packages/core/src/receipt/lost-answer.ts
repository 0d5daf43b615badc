import type { Receipt, Turn } from "./receipt.ts";

/**
 * How many more calls may fail before the portrait ends (P15). Each call that may have been paid and gave no picture counts:
 * as an attempt, or, where it failed in an outage, beside the attempts (P7). What surely cost nothing counts in neither.
 *
 * @param attempts how many a portrait has
 */
export function callsLeft({ attempts: used, outageCalls = 0 }: Receipt, attempts: number): number {
  return attempts - used - outageCalls;
}

/** The most calls that a portrait can be billed for in one round, as long as Redis keeps its receipt. */
export function mostPaidCalls(attempts: number, steps: number): number {
  return attempts * steps;
}

/**
 * The receipt where a call is to be made again because its answer is not known. The call counts towards the bound, once,
 * whatever took the answer away: a dead worker, the connection, or an outage.
 */
export function withLostAnswer(receipt: Receipt, step: number): Receipt {
  const turn = receipt.turns[step];
  if (turn === undefined || turn.unpaid === true) return receipt;
  if (turn.counted === "outage") {
    return counted(receipt, step, { outageCalls: (receipt.outageCalls ?? 0) + 1 }, "outage-lost");
  }
  return turn.counted === undefined ? counted(receipt, step, { attempts: receipt.attempts + 1 }, "lost") : receipt;
}

/** The receipt where a call whose answer was taken for lost still runs, or has answered after all: it does not count. */
export function withoutLostAnswer(receipt: Receipt, step: number): Receipt {
  const turn = receipt.turns[step];
  const isOfOutage = turn?.counted === "outage-lost";
  if (turn === undefined || (turn.counted !== "lost" && !isOfOutage)) return receipt;
  const { counted: _, ...known } = turn;
  const { lastFailure, ...kept } = receipt;
  return {
    ...kept,
    ...(lastFailure === undefined || lastFailure.code === "answer_lost" ? {} : { lastFailure }),
    ...(isOfOutage ? { outageCalls: (receipt.outageCalls ?? 0) - 1 } : { attempts: receipt.attempts - 1 }),
    turns: receipt.turns.with(step, isOfOutage ? { ...known, counted: "outage" } : known),
  };
}

/**
 * The receipt where a call's answer was found in the provider's memory: a call that gave a picture has not failed, so the
 * attempt that was counted for its failure goes. Whoever ends the portrait counts the attempt that was answered.
 */
export function withFound(receipt: Receipt, step: number): Receipt {
  const turn = receipt.turns[step];
  if (turn?.counted !== "failed") return withoutLostAnswer(receipt, step);
  const { counted: _, ...known } = turn;
  return { ...receipt, attempts: receipt.attempts - 1, turns: receipt.turns.with(step, known) };
}

function counted(
  receipt: Receipt,
  step: number,
  counts: Pick<Receipt, "outageCalls"> | Pick<Receipt, "attempts">,
  as: NonNullable<Turn["counted"]>,
): Receipt {
  const { turns } = receipt;
  const lastFailure = { code: "answer_lost", message: LOST_ANSWER, billed: "maybe" } as const;
  return {
    ...receipt,
    ...counts,
    lastFailure,
    turns: turns.map((turn, at) => (at === step ? { ...turn, counted: as } : turn)),
  };
}

const LOST_ANSWER =
  "the answer to its last call was lost before it was stored (its worker ended, or the connection), as on the attempts " +
  "before; what may have been paid for is not paid for again";
