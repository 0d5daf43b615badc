import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { batchKeys } from "@darkroom/core";
import { testS3, until } from "@darkroom/testkit";
import { seededRandom } from "../chaos/random.ts";
import { readText, startEngine, type Engine, type ReportLine } from "../kit/engine.ts";
import { startHttpFront } from "@darkroom/testkit";

/*
 * Kills workers at random, while providers answer oddly and forget, and the store refuses. The bills must stay within a
 * known bound. `DARKROOM_TEST_BILLS_SEED` sets the first seed, `DARKROOM_TEST_BILLS_ROUNDS` the number of seeds.
 */

const FIRST_SEED = Number(process.env["DARKROOM_TEST_BILLS_SEED"] ?? 1);
const ROUNDS = Number(process.env["DARKROOM_TEST_BILLS_ROUNDS"] ?? 1);
const PORTRAITS = 2;
const ATTEMPTS = 2;
/** More kills than attempts: without a bound that counts deaths, there would be more bills than attempts. */
const KILLS = 4;
const PROVIDERS = ["each-sense", "phota"] as const;

let engine: Engine;
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await engine?.close();
  for (const stop of stops.splice(0).reverse()) await stop();
});

const seeds = Array.from({ length: ROUNDS }, (_, nth) => FIRST_SEED + nth);

it.each(seeds)(
  "whatever dies or refuses, no portrait is billed more often than it has attempts (seed %i)",
  { timeout: 240_000 },
  async (seed) => {
    const random = seededRandom(`bills ${seed}`);
    const store = await startHttpFront(testS3().endpoint, {
      answers: ({ method, url = "" }, response) => {
        const isResult = method === "PUT" && url.includes("/out/") && !url.includes("_darkroom");
        if (!isResult || random() > 0.3) return false;
        response.writeHead(503).end();
        return true;
      },
    });
    stops.push(() => store.close());
    engine = await startEngine({
      workers: 0,
      phota: true,
      store: "s3",
      twin: {
        latencyMs: () => 1_500 + 1_000 * random(),
        randomFaults: { rate: 0.25, kinds: ["http", "reset", "reset_after_accept", "memory_lost", "cut_after_events"] },
        seed: `bills ${seed}`,
      },
      env: {
        AWS_ENDPOINT_URL_S3: store.url,
        DARKROOM_ATTEMPTS: String(ATTEMPTS),
        DARKROOM_LANE_CONCURRENCY: "8",
        DARKROOM_LOCK_MS: "1000",
        DARKROOM_ISOLATED_AT_ONCE: "2",
      },
    });
    const photos = await engine.addPhotos(PORTRAITS);
    const orders = PROVIDERS.map((provider) => ({ provider, destination: `${engine.root}out/${provider}/` }));
    const batches = await Promise.all(
      orders.map(({ provider, destination }) =>
        engine.submit({ destination, recipe: { provider, preset: "professional-polish", mode: "eco" } }),
      ),
    );
    const isOver = async (): Promise<boolean> => {
      const records = await Promise.all(batches.map((batch) => engine.ledger.read(batch)));
      return records.every((record) => record?.endedAt !== undefined);
    };
    for (let kill = 0; kill < KILLS && !(await isOver()); kill += 1) {
      const worker = await engine.spawnWorker();
      const isAtWork = async (): Promise<boolean> => engine.twin.stats().running > 0 || (await isOver());
      await until(isAtWork, { what: "a call", timeoutMs: 120_000 });
      await sleep(1_000 * random());
      const gone = once(worker, "exit");
      worker.kill("SIGKILL");
      await gone;
      // Does the sweep's work for a dead worker without the delay.
      for (const batch of batches) {
        await engine.ledger.backlog.requeueLost(batch, await engine.ledger.claimTokens(batch), "cancelled", "dead");
      }
    }
    await engine.spawnWorker();
    for (const batch of batches) await engine.ended(batch, 120_000);
    await until(() => engine.twin.stats().running === 0, { what: "the provider to be done", timeoutMs: 30_000 });

    const { bills } = engine.twin.ledger();
    expect(bills.length).toBeLessThanOrEqual(PROVIDERS.length * PORTRAITS * ATTEMPTS);
    for (const photo of photos) {
      const own = bills.filter(({ portrait }) => portrait.includes(photo)).length;
      expect(own, photo).toBeLessThanOrEqual(PROVIDERS.length * ATTEMPTS);
    }
    for (const [place, batch] of batches.entries()) {
      const report = await readText(engine.openStore(orders[place]?.destination ?? ""), batchKeys(batch).reportJsonl);
      const lines = report
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as ReportLine);
      expect(lines).toHaveLength(PORTRAITS);
      for (const { attempts } of lines) expect(attempts).toBeLessThanOrEqual(ATTEMPTS);
    }
  },
);

it("a call that broke off and whose picture is found is one attempt", { timeout: 60_000 }, async () => {
  engine = await startEngine({
    env: { DARKROOM_ATTEMPTS: String(ATTEMPTS) },
    twin: {
      latencyMs: 200,
      faults: [
        { match: { call: 1 }, fault: { kind: "http", status: 500 } },
        { match: { call: 2 }, fault: "cut_after_events" },
      ],
    },
  });
  await engine.addPhotos(1);
  const batch = await engine.submit();
  await engine.ended(batch);
  expect(await engine.report(batch)).toMatchObject([{ outcome: "ok", attempts: ATTEMPTS }]);
  const { bills, calls } = engine.twin.ledger();
  expect([bills.length, Object.values(calls).flat().length]).toEqual([1, ATTEMPTS]);
});
