import { isOpenCall, type Call } from "./call.ts";
import { withoutFields, withCall, withCallsOver } from "./change-calls.ts";
import { mayBeBilled } from "./receipt-money.ts";
import { callOf, type Failure, type Receipt } from "./receipt.ts";
import { withOutput } from "./transitions.ts";

/* Changes to a receipt by a recall, with or without an answer. */

/** Updates the number of exchanges in the session, which includes remembered refused calls. */
export function withExchanges(receipt: Receipt, exchanges: number): Receipt {
  const { generation, clarified } = receipt.session;
  return { ...receipt, session: { generation, exchanges, ...(clarified === undefined ? {} : { clarified }) } };
}

/** Records that the memory had no answer yet to a call. The call remains the present one of its step. */
export function withLook(receipt: Receipt, call: Call): Receipt {
  return withCall(receipt, { ...call, looks: (call.looks ?? 0) + 1 });
}

/**
 * Marks a call whose recall has ended, so that it may be sent again. If the provider received the call, it may have
 * been paid.
 */
export function withResend(receipt: Receipt, call: Call): Receipt {
  const again = withLostAnswer(withCall(receipt, { ...call, resend: true }), call.step);
  return call.trace === undefined ? again : withUnclear(again, call.step);
}

/** Counts an open call as possibly paid. */
export function withUnclear(receipt: Receipt, step: number): Receipt {
  const call = callOf(receipt, step);
  return call === undefined || !isOpenCall(call) ? receipt : withCall(receipt, { ...call, status: "unclear" });
}

/** Records that a call was given up because the memory could not be read, which is a failed attempt. */
export function withSilence(receipt: Receipt, call: Call): Receipt {
  return withUnclear(withCall(receipt, { ...call, silences: (call.silences ?? 0) + 1 }), call.step);
}

/**
 * Removes the present calls of a step and of later ones, whose answers will never be known. Paid pictures are lost, and
 * a call without an answer may have been paid. If the step is repeated, it is paid again.
 */
export function withGivenUp(receipt: Receipt, step: number): Receipt {
  return withCallsOver(receipt, step, ({ status, outputs }) => {
    if (status === "found") return "free";
    return outputs === undefined ? "given-up" : "lost";
  });
}

/**
 * Records calls that Redis may have forgotten, at a provider that cannot be queried, as possibly paid. Has an effect
 * only once. Calls that are already unclear do not change.
 */
export function withForgotten(receipt: Receipt, calls: readonly Call[]): Receipt {
  if (mayBeBilled(receipt)) return receipt;
  return { ...receipt, calls: [...receipt.calls, ...calls.map((call): Call => ({ ...call, status: "given-up" }))] };
}

/** Removes calls that were only recalled, for a portrait that was never called. */
export function withoutOpenCalls(receipt: Receipt): Receipt {
  return { ...receipt, calls: receipt.calls.filter((call) => !isOpenCall(call)) };
}

/**
 * Returns the receipt after an exchange that ended without a picture. Providers bill only for pictures, so the last
 * failure is now known to be free. Until the call is sent again, later exchanges are still recalled.
 *
 * @param exchanges of the session, so far
 */
export function withoutPicture(receipt: Receipt, call: Call, exchanges: number, now: number): Receipt {
  const { step, generation, priceMicroUsd, counts, silences } = call;
  const again: Call = {
    step,
    at: now,
    generation,
    ...(priceMicroUsd === undefined ? {} : { priceMicroUsd }),
    status: "unpaid",
    ...(counts === undefined ? {} : { counts }),
    ...(silences === undefined ? {} : { silences }),
    resend: true,
  };
  const counted = withExchanges(receipt, exchanges);
  const known = callOf(receipt, step) === undefined ? counted : withCall(counted, again);
  const { lastFailure } = known;
  if (lastFailure === undefined) return known;
  const { code, message }: Failure = lastFailure;
  return { ...known, lastFailure: { code, message } };
}

/**
 * Returns the receipt after a step's session was busy. The session is running this call only if an earlier call of the
 * step was sent before, which may already count. Otherwise the session still runs the previous step's call, and the
 * refused call costs no attempt. A call that is still running has not lost its answer.
 *
 * @param prior the receipt before the call's intent
 */
export function whileBusy(receipt: Receipt, prior: Receipt, step: number): Receipt {
  const call = callOf(receipt, step);
  if (call === undefined) return receipt;
  const unsure = callOf(prior, step);
  if (unsure === undefined || !isOpenCall(call)) return withCall(receipt, { ...call, counts: "nothing" });
  const { counts, silences } = unsure;
  const runs: Call = {
    ...call,
    status: unsure.status === "unclear" ? "unclear" : "intended",
    trace: "begun",
    ...(counts === undefined ? {} : { counts }),
    ...(silences === undefined ? {} : { silences }),
  };
  return withoutLostAnswer(withCall({ ...receipt, calls: prior.calls }, runs), step);
}

/**
 * Prepares to repeat a call whose answer is unknown. The call counts towards the limit once, whether a dead worker, the
 * connection or an outage lost the answer.
 */
export function withLostAnswer(receipt: Receipt, step: number): Receipt {
  const call = callOf(receipt, step);
  if (call === undefined || call.status === "unpaid") return receipt;
  const counts = call.counts === undefined ? "lost" : call.counts === "outage" ? "outage-lost" : undefined;
  if (counts === undefined) return receipt;
  const lastFailure = { code: "answer_lost", message: LOST_ANSWER, billed: "maybe" } as const;
  return { ...withCall(receipt, { ...call, counts }), lastFailure };
}

/**
 * Records that a call whose answer was considered lost is still running, or has answered. The call no longer counts.
 */
export function withoutLostAnswer(receipt: Receipt, step: number): Receipt {
  const call = callOf(receipt, step);
  if (call?.counts !== "lost" && call?.counts !== "outage-lost") return receipt;
  const known = withCall(
    receipt,
    call.counts === "lost" ? withoutFields(call, "counts") : { ...call, counts: "outage" },
  );
  return known.lastFailure?.code === "answer_lost" ? withoutFields(known, "lastFailure") : known;
}

/**
 * Records that the provider's memory returned a call's answer. A call with a picture has not failed, so the attempt
 * counted for its failure is removed. The end of the portrait counts the answered attempt.
 */
export function withFound(receipt: Receipt, call: Call, url: string, now: number): Receipt {
  const known = withoutLostAnswer(withCall(receipt, call), call.step);
  const kept = callOf(known, call.step) ?? call;
  return withOutput(
    withCall(known, kept.counts === "attempt" ? withoutFields(kept, "counts") : kept),
    call.step,
    { url },
    now,
  );
}

const LOST_ANSWER =
  "the answer to its last call was lost before it was stored (its worker or the connection ended), as on the attempts " +
  "before; what may have been paid is not paid again";
