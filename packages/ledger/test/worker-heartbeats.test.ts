import { afterAll, describe, expect, it } from "vitest";
import { BEAT_MS, DEAD_AFTER_MS, WorkerHeartbeats, sharedKeys } from "../src/index.ts";
import { openLedger } from "./open-ledger.ts";

const opened = openLedger();
afterAll(async () => await opened.close());

/** An observer among this many other workers, with a clock set by the test. */
async function observer(others: number) {
  const namespace = `${opened.namespace}-${others}`;
  const { workers } = sharedKeys(namespace);
  const ids = Array.from({ length: others }, (_, place) => `worker-${place}`);
  const clock = { ms: 0 };
  const presence = new WorkerHeartbeats(opened.redis, namespace, () => clock.ms);
  const beat = async (living: readonly string[]): Promise<void> => {
    await Promise.all(living.map((id) => opened.redis.hincrby(workers, id, 1)));
  };
  return {
    ids,
    presence,
    /** Advances the time, and then sends a beat of all live workers. */
    pass: async (ms: number, living: readonly string[]): Promise<void> => {
      clock.ms += ms;
      await beat(living);
      await presence.look();
    },
  };
}

describe.each([5, 40])("an observer of %i workers", (others) => {
  it("declares a worker dead whose counter does not change, and no other", async () => {
    const { ids, presence, pass } = await observer(others);
    const living = ids.slice(1);
    for (let beat = 0; beat < 4; beat += 1) await pass(BEAT_MS, ids);
    expect(presence.isDead("worker-0")).toBe(false);
    for (let ms = 0; ms < 2 * DEAD_AFTER_MS; ms += BEAT_MS) await pass(BEAT_MS, living);
    expect(presence.isDead("worker-0")).toBe(true);
    expect(living.filter((id) => presence.isDead(id))).toEqual([]);
  });

  it("declares no worker dead for time in which Redis was frozen", async () => {
    const { ids, presence, pass } = await observer(others);
    for (let beat = 0; beat < 4; beat += 1) await pass(BEAT_MS, ids);
    // Redis does not respond for a while. One worker reconnects a little later than the others.
    const late = ids.slice(1);
    await pass(DEAD_AFTER_MS, late);
    await pass(BEAT_MS, late);
    await pass(BEAT_MS, late);
    expect(ids.filter((id) => presence.isDead(id))).toEqual([]);
  });
});
