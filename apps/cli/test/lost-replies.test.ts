import type { Socket } from "node:net";
import { afterEach, expect, it } from "vitest";
import { testRedisUrl } from "@darkroom/testkit";
import { startEngine, type Engine } from "./engine.ts";
import { startRedisFront } from "./redis-front.ts";

let engine: Engine;
let redis: Awaited<ReturnType<typeof startLossyRedis>>;
afterEach(async () => {
  await engine.close();
  await redis.close();
});

/** Passes commands on to the real Redis; the first that looks like `lost` is carried out, and its reply never comes. */
async function startLossyRedis(lost: RegExp) {
  let loser: Socket | undefined;
  const front = await startRedisFront(testRedisUrl(), {
    onCommands: (chunk, { client }) => {
      if (lost.test(chunk.toString("latin1"))) loser ??= client;
      return true;
    },
    // Whatever Redis answers next comes after the command: it has been carried out.
    answers: ({ client }) => {
      if (client !== loser) return true;
      client.destroy();
      return false;
    },
  });
  return { ...front, hasCut: () => loser?.destroyed === true };
}

/** "Leave the portrait retrying (3), with this receipt", by the script's hash. */
const LEAVE_RETRYING = /\r\nevalsha\r\n[^]*\$1\r\n3\r\n\$\d+\r\n\{"attempts"/;

it("a portrait whose leaving was carried out but not answered keeps its job", { timeout: 90_000 }, async () => {
  redis = await startLossyRedis(LEAVE_RETRYING);
  engine = await startEngine({ workers: 0, twin: { faults: [{ match: { call: 1 }, fault: "http" }] } });
  await engine.addPhotos(1);
  // Redis knows the script from now on, so that its hash alone is sent.
  await engine.ledger.leave("nobody's", 0, "token", {
    state: "retrying",
    wait: { reason: "provider_retry", delayMs: 1 },
  });
  await engine.spawnWorker({ REDIS_URL: redis.url });
  const record = await engine.ended(await engine.submit());
  expect(redis.hasCut()).toBe(true);
  expect(record.counts).toMatchObject({ total: 1, succeeded: 1 });
  // The sweep for lost jobs, which comes only after half a minute, raises it.
  expect(record.epoch).toBe(0);
});
