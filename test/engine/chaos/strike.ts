import { setTimeout as sleep } from "node:timers/promises";
import type { PrivateRedis } from "@darkroom/testkit";
import type { Blow } from "./blow-plan.ts";
import type { Crew } from "./crew.ts";
import type { StoreProxy } from "./store-proxy.ts";

export interface Victims {
  readonly crew: Crew;
  readonly redis: PrivateRedis;
  readonly proxy: StoreProxy;
}

/** Inflicts one failure and waits until it is over. After that, frozen or killed processes work again. */
async function strike(blow: Blow, { crew, redis, proxy }: Victims): Promise<void> {
  switch (blow.kind) {
    case "kill-worker":
      return crew.kill("worker", blow.target);
    case "kill-producer":
      return crew.kill("producer", blow.target);
    case "freeze-worker":
    case "freeze-producer": {
      const thaw = crew.freeze(blow.kind === "freeze-worker" ? "worker" : "producer", blow.target);
      await sleep(blow.lastsMs);
      return thaw();
    }
    case "kill-redis":
      redis.kill("SIGKILL");
      await sleep(blow.lastsMs);
      return await redis.restart();
    case "freeze-redis":
      redis.kill("SIGSTOP");
      await sleep(blow.lastsMs);
      return redis.kill("SIGCONT");
    case "storm-store":
      proxy.storm(blow.share);
      await sleep(blow.lastsMs);
      return proxy.storm(0);
  }
  return blow satisfies never;
}

/**
 * Inflicts the failures at their times until none is left or `enough` returns true, and waits for the last to be over.
 *
 * @returns the failures inflicted
 */
export async function strikeAll(
  blows: readonly Blow[],
  victims: Victims,
  enough: () => boolean,
  tell: (blow: Blow) => void,
): Promise<Blow[]> {
  const startedAt = performance.now();
  const struck: Blow[] = [];
  const lasting: Promise<void>[] = [];
  for (const blow of blows) {
    while (performance.now() - startedAt < blow.atMs && !enough()) await sleep(20);
    if (enough()) break;
    tell(blow);
    struck.push(blow);
    const over = strike(blow, victims);
    over.catch(() => undefined);
    lasting.push(over);
  }
  await Promise.all(lasting);
  return struck;
}
