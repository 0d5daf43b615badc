import { setTimeout as sleep } from "node:timers/promises";
import { Webhook } from "standardwebhooks";
import { afterEach, expect, it } from "vitest";
import { FEED_EVENT_TYPES } from "@darkroom/core";
import { FEED_START } from "@darkroom/ledger";
import { until } from "@darkroom/testkit";
import { RANDOM_FAULT_KINDS } from "@darkroom/twin";
import { WebhookQueue } from "@darkroom/webhooks";
import { between, seededRandom } from "../chaos/random.ts";
import { startEngine, type Engine } from "../kit/engine.ts";
import { postTo } from "../kit/post-to.ts";
import { startReceiver } from "./mortal-receiver.ts";

let engine: Engine;
afterEach(async () => await engine.close());

/** Portraits of each of the two batches; larger for a long run. */
const PORTRAITS = Number(process.env["DARKROOM_TEST_FEED_PORTRAITS"] ?? 80);
const SEED = process.env["DARKROOM_TEST_FEED_SEED"] ?? "webhooks";
const TIMEOUT_MS = 60_000 + 600 * PORTRAITS;

interface Sent {
  readonly data: { readonly batch: string; readonly event: string; readonly sequence: number };
}

/** The ids of a batch's events, as its scripts wrote them. */
async function written(batch: string): Promise<readonly string[]> {
  const { events } = await engine.ledger.feed.batches.read(batch, FEED_START, 100_000);
  return events.map(({ event }) => event.id);
}

it(
  "a receiver that dies and restarts gets every event once, after de-duplication, and in order, while producers are killed",
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
      env: {
        DARKROOM_LANE_CONCURRENCY: "10",
        DARKROOM_ATTEMPTS: "12",
        DARKROOM_ALLOW_PRIVATE_WEBHOOKS: "true",
      },
    });
    await engine.addPhotos(PORTRAITS);
    let id = "";
    // The delays between attempts are minutes and hours. An operator who repairs a receiver enables its webhook again.
    const receiver = await startReceiver(seededRandom(`${SEED}/receiver`), async () => {
      if (id !== "") await postTo(engine, `/webhooks/${id}`, { enabled: true });
    });
    const made = await postTo<{ id: string; secret: string }>(engine, "/webhooks", {
      url: receiver.url,
      events: FEED_EVENT_TYPES,
    });
    ({ id } = made);
    let producers = await Promise.all([engine.spawnProducer(), engine.spawnProducer()]);
    const recipe = { preset: "professional-polish", mode: "eco" } as const;
    const batches = await Promise.all(
      ["one", "two"].map((name) => engine.submit({ destination: `${engine.root}${name}/`, recipe, breaker: false })),
    );
    const ended = async (): Promise<boolean> => {
      const records = await Promise.all(batches.map((batch) => engine.ledger.read(batch)));
      return records.every((record) => record?.endedAt !== undefined);
    };
    let kills = 0;
    while (!(await ended())) {
      await sleep(between(random, [300, 1_500]));
      for (const batch of batches) {
        await engine.ledger.control.pause(batch, `pause ${kills}`);
        await engine.ledger.control.resume(batch);
      }
      const [first, second] = producers;
      first?.kill("SIGKILL");
      if (second !== undefined) producers = [second, await engine.spawnProducer()];
      kills += 1;
    }
    const queue = new WebhookQueue(engine.redis, engine.settings.redis.namespace);
    const newest = await engine.ledger.feed.newest();
    await until(async () => (await queue.cursors())[id] === newest && Object.keys(await queue.waiting()).length === 0, {
      what: "every message to be delivered",
      timeoutMs: 60_000,
    });
    await receiver.stop();

    expect(kills).toBeGreaterThan(1);
    expect(receiver.lives()).toBeGreaterThan(3);
    expect(receiver.refused()).toBeGreaterThan(0);
    const verifier = new Webhook(made.secret);
    const firsts = new Map<string, Sent>();
    for (const { headers, body } of receiver.accepted) {
      const sent = verifier.verify(body, headers) as Sent;
      const message = headers["webhook-id"] ?? "";
      if (!firsts.has(message)) firsts.set(message, sent);
    }
    expect(receiver.accepted.length).toBeGreaterThan(firsts.size);
    for (const batch of batches) {
      const got = [...firsts.values()].filter(({ data }) => data.batch === batch).map(({ data }) => data.event);
      expect(got).toEqual(await written(batch));
    }
  },
);
