import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import type { FeedEvent } from "@darkroom/core";
import { FEED_START } from "@darkroom/ledger";
import { freePort, until } from "@darkroom/testkit";
import { RANDOM_FAULT_KINDS } from "@darkroom/twin";
import { between, seededRandom } from "../chaos/random.ts";
import { startEngine, type Engine } from "../kit/engine.ts";
import { startReader } from "./mortal-reader.ts";

let engine: Engine;
afterEach(async () => await engine.close());

/** Portraits of each of the two batches; larger for a long run. */
const PORTRAITS = Number(process.env["DARKROOM_TEST_FEED_PORTRAITS"] ?? 150);
const SEED = process.env["DARKROOM_TEST_FEED_SEED"] ?? "feed";
const TIMEOUT_MS = 60_000 + 600 * PORTRAITS;

/** Returns all events of a batch, as written by its scripts. */
async function written(batch: string): Promise<readonly FeedEvent[]> {
  const events: FeedEvent[] = [];
  let after = FEED_START;
  for (;;) {
    const page = await engine.ledger.feed.batches.read(batch, after, 1_000);
    if (page.events.length === 0) return events;
    events.push(...page.events.map(({ event }) => event));
    after = page.next;
  }
}

it(
  "every reader gets every event once and in order, while readers, API and producers are killed",
  { timeout: 2 * TIMEOUT_MS },
  async () => {
    const random = seededRandom(SEED);
    engine = await startEngine({
      producer: false,
      workers: 1,
      twin: {
        latencyMs: [20, 120],
        seed: SEED,
        randomFaults: { rate: 0.25, kinds: [...RANDOM_FAULT_KINDS, "content_policy", "no_face"] },
      },
      env: { DARKROOM_LANE_CONCURRENCY: "10", DARKROOM_ATTEMPTS: "12" },
    });
    await engine.addPhotos(PORTRAITS);
    const port = String(await freePort());
    let api = await engine.spawnApi({ DARKROOM_PORT: port });
    let producers = await Promise.all([engine.spawnProducer(), engine.spawnProducer()]);
    const recipe = { preset: "professional-polish", mode: "eco" } as const;
    const batches = await Promise.all(
      ["one", "two"].map((name) => engine.submit({ destination: `${engine.root}${name}/`, recipe, breaker: false })),
    );
    const paths = ["/v1/events", "/v1/events", ...batches.map((id) => `/v1/batches/${id}/events`)];
    const readers = paths.map((path, at) => startReader(api.url, path, seededRandom(`${SEED}/${at}`)));
    const steering = (async () => {
      for (let round = 0; ; round += 1) {
        await sleep(between(random, [150, 600]));
        const id = batches[round % 2] ?? "";
        if ((await engine.ledger.read(id))?.endedAt !== undefined) return;
        await engine.ledger.control.pause(id, `pause ${round}`);
        await engine.ledger.control.resume(id);
      }
    })();
    const ended = async (): Promise<boolean> => {
      const records = await Promise.all(batches.map((id) => engine.ledger.read(id)));
      return records.every((record) => record?.endedAt !== undefined);
    };
    let kills = 0;
    while (!(await ended())) {
      await sleep(between(random, [300, 1_500]));
      const [first, second] = producers;
      if (kills % 2 === 0) {
        api.child.kill("SIGKILL");
        await once(api.child, "exit");
        api = await engine.spawnApi({ DARKROOM_PORT: port });
      } else if (first !== undefined && second !== undefined) {
        first.kill("SIGKILL");
        producers = [second, await engine.spawnProducer()];
      }
      kills += 1;
    }
    await steering;
    const all = new Map(await Promise.all(batches.map(async (id) => [id, await written(id)] as const)));
    const [everything, ofOne] = [[...all.values()].flat(), (id: string) => all.get(id) ?? []];
    const expected = (path: string): readonly FeedEvent[] => {
      const id = batches.find((batch) => path.includes(batch));
      return id === undefined ? everything : ofOne(id);
    };
    await until(() => readers.every(({ path, events }) => events.length >= expected(path).length), {
      what: "every reader to have every event",
      timeoutMs: 30_000,
    });
    await Promise.all(readers.map((reader) => reader.stop()));

    expect(kills).toBeGreaterThan(1);
    for (const [id, events] of all) {
      expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, place) => place + 1));
      expect(events.at(-1)).toMatchObject({ type: "batch.completed" });
      const record = await engine.ledger.read(id);
      expect(events.filter(({ type }) => type === "portrait.failed")).toHaveLength(record?.counts.failed ?? -1);
    }
    expect(everything.filter(({ type }) => type === "portrait.failed").length).toBeGreaterThan(5);
    for (const reader of readers) {
      expect(reader.lives()).toBeGreaterThan(5);
      expect(reader.gaps()).toBe(0);
      expect(reader.events).toHaveLength(expected(reader.path).length);
      for (const id of batches) {
        const got = reader.events.filter(({ batch }) => batch === id);
        if (got.length > 0 || expected(reader.path) === everything) expect(got).toEqual(ofOne(id));
      }
    }
  },
);
