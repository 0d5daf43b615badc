import { serverNow } from "@darkroom/redis-kit";
import { waitForResult } from "../run/after-failure.ts";
import type { PortraitRun } from "../run/portrait-run.ts";
import { RunEnded } from "../run/run-ending.ts";
import { failedInOutage, isUnreached } from "./lane-health.ts";

/**
 * When a result's server is unreachable, either its link is wrong or this machine is offline. A free health check of
 * the provider tells which: if the provider is unreachable too, the run ends and the result is not given up.
 */
export async function waitForNetwork(
  run: PortraitRun,
  fetched: { readonly unreached?: true; readonly message: string },
): Promise<void> {
  const { lane, signal } = run;
  if (!isUnreached(lane, fetched)) return;
  const [enteredAt, startedAt] = [serverNow(), performance.now()];
  const health = await lane.provider.health(signal);
  signal.throwIfAborted();
  if (!isUnreached(lane, health)) return;
  const ended = { enteredAt, tookMs: performance.now() - startedAt, sign: "unreached" } as const;
  const { message } = health;
  if (await failedInOutage(run, ended)) throw new RunEnded({ kind: "blocked", reason: "outage", message });
  throw run.endWith(waitForResult(run.receipt, message, run.limits));
}
