import { readFile } from "node:fs/promises";
import sharp from "sharp";
import { afterEach, describe, expect, it } from "vitest";
import { batchKeys, type ConsistencyFile } from "@darkroom/core";
import { startRedis, until, type PrivateRedis } from "@darkroom/testkit";
import { readText, startEngine, type Engine } from "../kit/engine.ts";

let engine: Engine;
let redis: PrivateRedis | undefined;
afterEach(async () => {
  await engine.close();
  await redis?.close();
  redis = undefined;
});

const DARK = "p00004.jpg";
const TEAM = 9;

/** Adds a team in the same light, except for one portrait. */
async function addTeam(): Promise<void> {
  const photo = await readFile(new URL("../../../examples/photos/astronaut.png", import.meta.url));
  for (let index = 0; index < TEAM; index += 1) {
    const key = `p0000${index}.jpg`;
    const light = key === DARK ? 0.45 : 1 + index / 200;
    const picture = sharp(photo).extract({ left: 40, top: 0, width: 336, height: 420 }).resize(160).removeAlpha();
    await engine.source.put(key, await picture.linear(light, 0).jpeg({ quality: 90 }).toBuffer());
  }
}

async function consistencyOf(id: string): Promise<ConsistencyFile> {
  const response = await fetch(`${engine.api.url}/v1/batches/${id}/consistency`);
  expect(response.status).toBe(200);
  return (await response.json()) as ConsistencyFile;
}

describe("a team's consistency", () => {
  it("names the portrait that is darker than its team in report, file, status and API", async () => {
    engine = await startEngine();
    await addTeam();
    const id = await engine.submit();
    const { consistency } = await engine.ended(id);
    expect(consistency).toMatchObject({ measured: TEAM, review: 1 });
    expect(consistency?.score).toBeGreaterThan(70);
    expect(consistency?.score).toBeLessThan(100);
    const reviews = (await engine.report(id)).map(({ review }) => review as string[]);
    expect(reviews[4]?.[0]).toMatch(/^\d\.\d EV darker than the team$/);
    expect(reviews.filter((reasons) => reasons.length > 0)).toHaveLength(1);
    const csv = await readText(engine.results, batchKeys(id).reportCsv);
    expect(csv.split("\n").filter((line) => line.includes("EV darker than the team"))).toHaveLength(1);
    const answer = await consistencyOf(id);
    expect(answer).toMatchObject({ score: consistency?.score, measured: TEAM, review: 1 });
    expect(answer.portraits).toMatchObject([{ index: 4, destination: DARK, reasons: reviews[4] }]);
    expect(answer.measures.map(({ measure }) => measure)).toContain("exposure");
  });

  it("is the same if all was delivered before, at no cost", async () => {
    engine = await startEngine();
    await addTeam();
    const first = await engine.ended(await engine.submit());
    const second = await engine.ended(await engine.submit());
    expect(second.counts.skipped).toBe(TEAM);
    expect(second.consistency).toEqual(first.consistency);
    expect(engine.twin.ledger().billed).toBe(TEAM);
  });

  it("ignores undelivered portraits, and is absent for two portraits", async () => {
    engine = await startEngine({
      twin: { faults: [{ match: { portrait: "p00001" }, fault: "no_face" }] },
    });
    await addTeam();
    const two = await engine.ended(await engine.submit({ exclude: ["p0000[3-9]*"] }));
    expect(two.counts).toMatchObject({ succeeded: 2, failed: 1 });
    expect(two.consistency).toBeUndefined();
    expect(await consistencyOf(two.spec.id)).toEqual({
      score: null,
      measured: 2,
      review: 0,
      measures: [],
      portraits: [],
    });
  });

  it("is computed from all portraits after Redis was emptied midway", async () => {
    redis = await startRedis();
    engine = await startEngine({
      redisUrl: redis.url,
      twin: { latencyMs: 100 },
      env: { DARKROOM_LANE_CONCURRENCY: "2" },
    });
    await addTeam();
    const id = await engine.submit();
    await engine.settledAtLeast(id, 4);
    await engine.redis.flushall();
    await until(() => engine.twin.stats().openStreams === 0, { what: "the streams to end", timeoutMs: 30_000 });
    const response = await fetch(`${engine.api.url}/v1/recoveries`, {
      method: "POST",
      body: JSON.stringify({ destination: `${engine.root}out/` }),
      headers: { "content-type": "application/json" },
    });
    expect(response.status).toBe(200);
    const { consistency } = await engine.ended(id);
    expect(consistency).toMatchObject({ measured: TEAM, review: 1 });
    expect(engine.twin.ledger().billed).toBe(TEAM);
  });
});
