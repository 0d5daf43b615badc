import { setTimeout as sleep } from "node:timers/promises";
import { backoffMs, endsAfterDeathAlone, mayBePaid, outcomeOf, protocolMs } from "@darkroom/core";
import type { Claimed, LaneContext, WorkerContext } from "../run/worker-context.ts";
import type { Ending } from "../run/run-ending.ts";
import type { ReceiptBox } from "../enhance/receipt-box.ts";
import { storageFailed } from "../run/retry.ts";

/** A suspect waits so long for a place, and then lets others of its lane go first. */
const PLACE_WAIT_MS = protocolMs(5_000);
const PLACE_LOOK_MS = 100;
/** It comes again after this, and up to twice as much. */
const PLACE_AGAIN_MS = protocolMs(1_000);

/**
 * Works on a portrait at which workers died, alone in a process of its own. A death of that is the portrait's own: after a
 * few of them it ends, and what it shared a dead worker with ends as it would anywhere.
 */
export async function workAlone(
  context: WorkerContext,
  { lane }: LaneContext,
  claimed: Claimed,
  box: ReceiptBox,
): Promise<Ending> {
  const { isolated, ledger, timing, random, log } = context;
  const { controller: _, signal, ...plain } = claimed;
  const { spec, index, token } = claimed;
  const since = performance.now();
  while (isolated?.isFull === true && !signal.aborted && performance.now() - since < PLACE_WAIT_MS) {
    await sleep(PLACE_LOOK_MS);
  }
  if (signal.aborted) return { kind: "hand-back", reason: "handed_back", receipt: box.current };
  if (isolated === undefined || isolated.isFull) {
    const delayMs = Math.floor(PLACE_AGAIN_MS * (1 + random()));
    const message = "waiting to be run alone: workers died that had it in hand";
    return { kind: "later", reason: "deaths", delayMs, receipt: box.current, message };
  }
  const end = await isolated.run({ lane: lane.name, claimed: plain, receipt: box.current }, signal);
  switch (end.type) {
    case "ended":
      claimed.inputs.push(...end.inputs);
      Object.assign(claimed.who, end.who);
      box.current = end.receipt;
      return end.ending;
    case "unable":
      return storageFailed(
        context,
        box.current,
        new Error(`a process could not be started: ${end.message}`),
        "internal",
      );
    case "stopped":
      box.current = (await ledger.receipt(spec.id, index)) ?? box.current;
      return { kind: "hand-back", reason: "handed_back", receipt: box.current };
    case "died": {
      const counted = await ledger.countDeathAlone(spec.id, index, token);
      if (counted === undefined) return { kind: "claim-lost" };
      const { alone, receipt } = counted;
      box.current = receipt;
      log.warn({ batch: spec.id, portrait: index, deaths: alone }, `a process died that had it alone: ${end.message}`);
      const message = `the process that worked on it alone died ${alone} times; the last time, ${end.message}`;
      if (!endsAfterDeathAlone(counted)) {
        const delayMs = backoffMs(timing.backoff, alone, random());
        return { kind: "later", reason: "deaths", delayMs, receipt, message };
      }
      const billed = receipt.turns.some(mayBePaid) ? "maybe" : undefined;
      return { kind: "settle", outcome: outcomeOf(receipt, "worker_died", message, billed) };
    }
  }
  return end satisfies never;
}
