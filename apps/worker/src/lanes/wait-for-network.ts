import { serverNow } from "@darkroom/redis-kit";
import { EndRun } from "../run/run-ending.ts";
import type { PortraitRun } from "../enhance/lost-result.ts";
import { waitForResult } from "../run/retry.ts";
import { failedInOutage, isUnreached } from "./lane-health.ts";

/**
 * Where a result's server cannot be reached, its link may be wrong, or this machine has no network. The provider tells
 * them apart, at no cost: where no connection to it can be made either, the run ends, and the result is not given up.
 */
export async function waitForNetwork(
  { context, lane, claimed, box }: PortraitRun,
  fetched: { readonly unreached?: true; readonly message: string },
): Promise<void> {
  if (!isUnreached(lane, fetched)) return;
  const [enteredAt, startedAt] = [serverNow(), performance.now()];
  const health = await lane.provider.health(claimed.signal);
  claimed.signal.throwIfAborted();
  if (!isUnreached(lane, health)) return;
  const ended = { enteredAt, tookMs: performance.now() - startedAt, sign: "unreached" } as const;
  const isOutage = await failedInOutage(context, lane, claimed.token, ended);
  const receipt = box.current;
  const { message } = health;
  throw new EndRun(
    isOutage ? { kind: "blocked", reason: "outage", message, receipt } : waitForResult(context, receipt, message),
  );
}
