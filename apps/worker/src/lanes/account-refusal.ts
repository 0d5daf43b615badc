import { type Blocked, type Receipt, billedWith, mayBePaid, outcomeOf } from "@darkroom/core";
import type { PortraitRun } from "../run/portrait-run.ts";
import type { RunDecision } from "../run/run-ending.ts";
import { deferProbe } from "./lane-health.ts";
import type { Pass } from "./pass-gate.ts";

/**
 * Refusals until something is wrong with the portrait and not with the account, where that has answered others in
 * between. Money comes and goes (a small top-up is used up by others), so it takes more of them than for a key.
 */
const MOST_REFUSALS: Readonly<Record<Exclude<Blocked["reason"], "outage">, number>> = { auth: 3, balance: 5 };

/** A call that the account refused. */
interface RefusedCall {
  readonly step: number;
  readonly pass: Pass;
  /** The receipt after it, without its intent. */
  readonly receipt: Receipt;
}

/**
 * What a refusal by the account means for the portrait. It waits, and no attempt is burnt (P7); unless the account has
 * refused it again and again and worked for others all the time: then it fails, or it would block its lane for ever.
 * Alone with the account from the first refusal on it waits: nothing tells the two from each other.
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
  // A key does not come and go: refused before and after it worked for another, the portrait may also be left alone with it.
  const isSuspect = reason === "auth" && before !== undefined && before.times > 1;
  const times = (before?.times ?? 0) + (before === undefined || worksForOthers || isSuspect ? 1 : 0);
  const counted = { ...receipt, refused: { by: lane.name, step, reason, times, enteredAt: pass.enteredAt } };
  if (times < MOST_REFUSALS[reason]) {
    return { receipt: counted, ending: { kind: "blocked", reason, message, ...pass } };
  }
  // It tells nothing of the account.
  if (pass.probing) await deferProbe(run);
  context.log.warn(
    { batch: claim.spec.id, portrait: claim.index, lane: lane.name, reason },
    "the account refuses one portrait alone",
  );
  const said = `the account refused this portrait ${times} times, and answered others in between; the last time: ${message}`;
  const billed = billedWith(counted, counted.turns.some(mayBePaid) ? "maybe" : "no");
  const outcome = outcomeOf(counted, "invalid_request", said, billed);
  return { receipt: run.receipt, ending: { kind: "settle", outcome } };
}
