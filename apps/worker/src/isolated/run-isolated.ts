import { setTimeout as sleep } from "node:timers/promises";
import { backoffMs, endsAfterDeathAlone, mayBePaid, outcomeOf, protocolMs } from "@darkroom/core";
import { storageFailed } from "../run/after-failure.ts";
import type { PortraitRun } from "../run/portrait-run.ts";
import type { RunEnding } from "../run/run-ending.ts";

/** Time that a suspect portrait waits for an isolated process before other jobs go first. */
const SLOT_WAIT_MS = protocolMs(5_000);
const SLOT_POLL_MS = 100;
/** Minimum delay before the retry. The maximum is twice as long. */
const SLOT_RETRY_MS = protocolMs(1_000);

/**
 * Runs a suspect portrait in an isolated process. After a few deaths of that process, the portrait ends as
 * `worker_died`. A portrait that merely shared a worker with the culprit ends normally.
 */
export async function runIsolated(run: PortraitRun): Promise<RunEnding> {
  const { context, lane, claim, signal } = run;
  const { isolated, ledger, random } = context;
  const since = performance.now();
  while (isolated?.isFull === true && !signal.aborted && performance.now() - since < SLOT_WAIT_MS) {
    await sleep(SLOT_POLL_MS);
  }
  if (signal.aborted) return { kind: "hand-back", reason: "handed_back" };
  if (isolated === undefined || isolated.isFull) {
    const delayMs = Math.floor(SLOT_RETRY_MS * (1 + random()));
    const message = "waiting to be run alone, because workers died while they processed it";
    return { kind: "later", reason: "deaths", delayMs, message };
  }
  const { receipt } = run;
  const end = await isolated.run({ lane: lane.lane.name, claim, receipt }, signal);
  switch (end.type) {
    case "ended":
      run.inputs.push(...end.inputs);
      run.identity = end.identity;
      return run.take(end);
    case "unable": {
      const error = new Error(`a process could not be started: ${end.message}`);
      return run.take(storageFailed(run.receipt, error, run.limits, "internal"));
    }
    case "stopped":
      run.receipt = (await ledger.receipt(claim.spec.id, claim.index)) ?? run.receipt;
      return { kind: "hand-back", reason: "handed_back" };
    case "died":
      return await afterDeath(run, end.message);
  }
  return end satisfies never;
}

async function afterDeath(run: PortraitRun, how: string): Promise<RunEnding> {
  const { context, claim, timing } = run;
  const { spec, index, token } = claim;
  const counted = await context.ledger.claims.countDeathAlone(spec.id, index, token);
  if (counted === undefined) return { kind: "claim-lost" };
  const { alone, receipt } = counted;
  run.receipt = receipt;
  context.log.warn({ batch: spec.id, portrait: index, deaths: alone }, `an isolated process died: ${how}`);
  const message = `the process that ran it alone died ${alone} times; the last time, ${how}`;
  if (!endsAfterDeathAlone(counted)) {
    const delayMs = backoffMs(timing.backoff, alone, context.random());
    return { kind: "later", reason: "deaths", delayMs, message };
  }
  const billed = receipt.calls.some(mayBePaid) ? "maybe" : undefined;
  return { kind: "settle", outcome: outcomeOf(receipt, "worker_died", message, billed) };
}
