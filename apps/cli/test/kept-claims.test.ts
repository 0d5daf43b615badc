import { cp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { batchKeys } from "@darkroom/core";
import { Continuity } from "@darkroom/ledger";
import { startRedis, until } from "@darkroom/testkit";
import { readText, startEngine, type Engine } from "./engine.ts";
import { startHoldingFront } from "./holding-front.ts";
import { postTo } from "./post-to.ts";

const after: (() => Promise<void>)[] = [];
let engine: Engine;
afterEach(async () => {
  for (const close of after.splice(0).reverse()) await close();
});

const fetchesPhoto = (asked: string): boolean => asked.startsWith("GET /public/");

it(
  "a call that runs while Redis comes back without its last seconds is finished by its worker, and nobody calls again",
  { timeout: 120_000 },
  async () => {
    const redis = await startRedis();
    after.push(() => redis.close());
    const front = await startHoldingFront();
    after.push(() => front.close());
    engine = await startEngine({
      redisUrl: redis.url,
      links: false,
      workers: 2,
      env: { EACHLABS_BASE_URL: front.url, DARKROOM_DEADLINE_MS: "60000", DARKROOM_IDLE_MS: "60000" },
    });
    after.push(() => engine.close());
    front.passTo(engine.twin.url);
    const continuity = new Continuity(engine.redis, engine.settings.redis.namespace);
    await continuity.start();
    await engine.addPhotos(1);
    const batch = await engine.submit({ confirm: true });
    const stateOf = async () => (await engine.ledger.read(batch))?.state;
    await until(async () => (await stateOf()) === "awaiting_confirmation", { what: "the question" });

    // What Redis has on its disk at this moment is what it comes back with: it knows of no claim.
    const [, folder = ""] = (await engine.redis.call("CONFIG", "GET", "dir")) as string[];
    const [disk, before] = [join(folder, "appendonlydir"), join(folder, "before")];
    await cp(disk, before, { recursive: true });
    front.hold(fetchesPhoto);
    await postTo(engine, `/batches/${batch}/confirm`);
    await until(() => front.held().length > 0, { what: "the call", timeoutMs: 20_000 });
    const token = (await engine.ledger.claims(batch)).get(0);
    expect(token).toBeDefined();
    const control = async () => await readText(engine.results, batchKeys(batch).control).catch(() => "");
    await until(async () => (await control()).includes(`"unconfirmed": false`), { what: "the act in the store" });
    redis.kill("SIGKILL");
    await rm(disk, { recursive: true });
    await rename(before, disk);
    await redis.restart();

    const isKept = async (): Promise<boolean> =>
      (await engine.ledger.claims(batch)).get(0) === token && (await continuity.settlingMs()) === 0;
    await until(isKept, { what: "the claim to be said again, and kept", timeoutMs: 30_000 });
    front.release();
    expect((await engine.ended(batch)).counts).toMatchObject({ total: 1, succeeded: 1 });
    const { billed, calls } = engine.twin.ledger();
    expect(billed).toBe(1);
    expect(Object.values(calls).flat()).toMatchObject([{ ending: "complete" }]);
  },
);

it("an answer that comes when its claim is gone, and is nobody else's, is delivered by the worker that has it", async () => {
  const front = await startHoldingFront();
  after.push(() => front.close());
  engine = await startEngine({ links: false, env: { EACHLABS_BASE_URL: front.url } });
  after.push(() => engine.close());
  front.passTo(engine.twin.url);
  await engine.addPhotos(1);
  front.hold(fetchesPhoto);
  const batch = await engine.submit();
  await until(() => front.held().length > 0, { what: "the call" });
  // Nobody else begins it.
  await engine.ledger.control.pause(batch, "");
  expect(await engine.ledger.requeueLost(batch, await engine.ledger.claims(batch))).toBe(1);
  expect(await engine.ledger.state(batch, 0)).toBe("pending");
  front.release();
  await until(async () => (await engine.ledger.state(batch, 0)) === "succeeded", { what: "the delivery" });
  expect(Object.values(engine.twin.ledger().calls).flat()).toMatchObject([{ ending: "complete" }]);
});
