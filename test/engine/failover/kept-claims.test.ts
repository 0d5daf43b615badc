import { afterEach, expect, it } from "vitest";
import { FailoverDetector } from "@darkroom/ledger";
import { startRedis, until } from "@darkroom/testkit";
import { controlText, startEngine, type Engine } from "../kit/engine.ts";
import { startHoldingFront } from "../kit/holding-front.ts";
import { postTo } from "../kit/post-to.ts";
import { rememberDisk } from "../kit/remember-disk.ts";

const after: (() => Promise<void>)[] = [];
let engine: Engine;
afterEach(async () => {
  for (const close of after.splice(0).reverse()) await close();
});

const fetchesPhoto = (asked: string): boolean => asked.startsWith("GET /public/");

/** One portrait waits for confirmation. Its call is then held while Redis' disk does not contain the call yet. */
async function holdForgottenCall() {
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
  const continuity = new FailoverDetector(engine.redis, engine.settings.redis.namespace);
  await continuity.start();
  await engine.addPhotos(1);
  const batch = await engine.submit({ confirm: true });
  const stateOf = async () => (await engine.ledger.read(batch))?.state;
  await until(async () => (await stateOf()) === "awaiting_confirmation", { what: "the question" });

  const comeBack = await rememberDisk(redis, engine);
  front.hold(fetchesPhoto);
  await postTo(engine, `/batches/${batch}/confirm`);
  await until(() => front.held().length > 0, { what: "the call", timeoutMs: 20_000 });
  const token = (await engine.ledger.claimTokens(batch)).get(0);
  expect(token).toBeDefined();
  /** Waits until a producer has written a decision to the store. */
  const untilNoted = async (text: string): Promise<void> => {
    const control = async () => await controlText(engine.results, batch);
    await until(async () => (await control()).includes(text), { what: `${text} in the store` });
  };
  await untilNoted(`"unconfirmed": false`);
  /** Waits until the worker with the call has reasserted its claim, and all processes have had time to see that. */
  const untilKept = async (): Promise<void> => {
    const isKept = async (): Promise<boolean> =>
      (await engine.ledger.claimTokens(batch)).get(0) === token && (await continuity.settlingMs()) === 0;
    await until(isKept, { what: "the claim to be said again, and kept", timeoutMs: 30_000 });
  };
  return { batch, front, comeBack, untilNoted, untilKept };
}

it(
  "a worker finishes its call while Redis returns without its last seconds, and no other worker calls again",
  { timeout: 120_000 },
  async () => {
    const { batch, front, comeBack, untilKept } = await holdForgottenCall();
    await comeBack();
    await untilKept();
    front.release();
    expect((await engine.ended(batch)).counts).toMatchObject({ total: 1, succeeded: 1 });
    const { billed, calls } = engine.twin.ledger();
    expect(billed).toBe(1);
    expect(Object.values(calls).flat()).toMatchObject([{ ending: "complete" }]);
  },
);

it(
  "a stop that lets calls finish does so even if Redis has forgotten them and the stop is read from the store",
  { timeout: 120_000 },
  async () => {
    const { batch, front, comeBack, untilNoted, untilKept } = await holdForgottenCall();
    await engine.ledger.control.stop(batch, {
      reason: "its deadline has passed",
      code: "deadline_passed",
      endsRunning: false,
    });
    await untilNoted("deadline_passed");
    await comeBack();
    await untilKept();
    front.release();
    const { state, counts } = await engine.ended(batch);
    expect({ state, counts }).toMatchObject({ state: "cancelled", counts: { total: 1, succeeded: 1 } });
    expect(engine.twin.ledger().billed).toBe(1);
    expect((await engine.report(batch)).map(({ outcome, billed }) => [outcome, billed])).toEqual([["ok", "yes"]]);
  },
);

it("a worker delivers an answer whose claim is gone and that no other worker has", async () => {
  const front = await startHoldingFront();
  after.push(() => front.close());
  engine = await startEngine({ links: false, env: { EACHLABS_BASE_URL: front.url } });
  after.push(() => engine.close());
  front.passTo(engine.twin.url);
  await engine.addPhotos(1);
  front.hold(fetchesPhoto);
  const batch = await engine.submit();
  await until(() => front.held().length > 0, { what: "the call" });
  // Prevents another worker from starting the portrait.
  await engine.ledger.control.pause(batch, "");
  expect(await engine.ledger.backlog.requeueLost(batch, await engine.ledger.claimTokens(batch))).toBe(1);
  expect(await engine.ledger.state(batch, 0)).toBe("retrying");
  front.release();
  await until(async () => (await engine.ledger.state(batch, 0)) === "succeeded", { what: "the delivery" });
  expect(Object.values(engine.twin.ledger().calls).flat()).toMatchObject([{ ending: "complete" }]);
});
