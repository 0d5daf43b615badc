import { serverNow } from "@darkroom/redis-kit";
import { waitForResult } from "../run/after-failure.ts";
import type { PortraitRun } from "../run/portrait-run.ts";
import { RunEnded } from "../run/run-ending.ts";
import { failedInOutage, isUnreached } from "./lane-health.ts";

/**
 * Distinguishes a wrong link from a machine without network when a result's server is unreachable. Uses a free health
 * check of the provider. If the provider is unreachable too, ends the run without giving up the result.
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
