import { type Blocked, type Receipt, billedWith, mayBePaid, outcomeOf, withRefusals } from "@darkroom/core";
import type { PortraitRun } from "../run/portrait-run.ts";
import type { RunDecision } from "../run/run-ending.ts";
import { deferProbe } from "./lane-health.ts";
import type { Pass } from "./pass.ts";

/**
 * Number of refusals after which the portrait is considered at fault instead of the account, if the account served
 * others in the meantime. A balance needs more refusals than a key, because small top-ups may repeatedly fill and empty
 * a balance.
 */
const MOST_REFUSALS: Readonly<Record<Exclude<Blocked["reason"], "outage">, number>> = { auth: 3, balance: 5 };

/** A call that the account refused. */
interface RefusedCall {
  readonly step: number;
  readonly pass: Pass;
  /** The receipt after the call, without its intent. */
  readonly receipt: Receipt;
}

/**
 * Decides the consequence of the account's refusal. Normally the portrait waits and no attempt is counted (P7). If the
 * account refused this portrait repeatedly and served others in the meantime, the portrait fails, because it would
 * otherwise block the lane forever. Without other portraits to compare with, the portrait keeps waiting.
 */
export async function refusedByAccount(
  run: PortraitRun,
  { reason, message }: { readonly reason: "auth" | "balance"; readonly message: string },
  { step, pass, receipt }: RefusedCall,
): Promise<RunDecision> {
  const { context, claim } = run;
  const { lane } = run.lane;
  const { refused } = receipt;
  const isSame = refused?.by === lane.name && refused.step === step && refused.reason === reason;
  const before = isSame ? refused : undefined;
  const provenAt = await lane.provenAt();
  const worksForOthers =
    before !== undefined && provenAt !== undefined && before.enteredAt < provenAt && provenAt < pass.enteredAt;
  // Unlike a balance, a key does not recover by itself, so later refusals count even if no other portrait runs.
  const isSuspect = reason === "auth" && before !== undefined && before.times > 1;
  const times = (before?.times ?? 0) + (before === undefined || worksForOthers || isSuspect ? 1 : 0);
  const refusals = { by: lane.name, step, reason, times, enteredAt: pass.enteredAt };
  const counted = withRefusals(receipt, refusals);
  if (times < MOST_REFUSALS[reason]) {
    return { receipt: counted, ending: { kind: "blocked", reason, message, ...pass } };
  }
  // This refusal is no evidence about the account.
  if (pass.probing) await deferProbe(run);
  context.log.warn(
    { batch: claim.spec.id, portrait: claim.index, lane: lane.name, reason },
    "the account refuses only this portrait",
  );
  const said = `the account refused this portrait ${times} times, and answered others in between; the last time: ${message}`;
  const billed = billedWith(counted, counted.calls.some(mayBePaid) ? "maybe" : "no");
  const outcome = outcomeOf(counted, "invalid_request", said, billed);
  return { receipt: run.receipt, ending: { kind: "settle", outcome } };
}
