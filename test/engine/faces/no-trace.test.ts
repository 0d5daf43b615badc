import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { afterEach, expect, it } from "vitest";
import type { ObjectStore } from "@darkroom/core";
import { createLogger, createMetrics } from "@darkroom/runtime";
import { startWorker } from "@darkroom/worker";
import { startEngine, type Engine } from "../kit/engine.ts";

const TEAM = fileURLToPath(new URL("../../../examples/team/", import.meta.url));
/** Landmarks are 468 pairs of 32-bit numbers, and a description has 1,024 numbers. */
const LANDMARK_BYTES = 468 * 2 * 4;
const MARK = "biometric";

let engine: Engine;
let worker: Awaited<ReturnType<typeof startWorker>> | undefined;
afterEach(async () => {
  await worker?.close();
  await engine.close();
});

/**
 * Descriptions and landmarks have no readable form, so the test cannot search for their numbers. Instead it shows that
 * every written value (in Redis, in files, in the log and in metadata) is too small to contain them.
 */
it("writes no description of a face into store, Redis or log", { timeout: 120_000 }, async () => {
  engine = await startEngine({
    workers: 0,
    twin: { work: "full", faults: [{ match: { portrait: "other" }, fault: { kind: "wrong_face", face: "narrowed" } }] },
    env: { DARKROOM_FACES: "on", DARKROOM_LANE_CONCURRENCY: "1" },
  });
  const photos = { "grace.jpg": "engineering/portrait-01.jpg", "other.jpg": "engineering/portrait-02.jpg" };
  for (const [name, path] of Object.entries(photos)) {
    await engine.source.put(name, await readFile(`${TEAM}${path}`), { contentType: "image/jpeg" });
  }
  let log = "";
  const destination = { write: (line: string) => void (log += line) };
  worker = await startWorker(engine.settings, {
    log: createLogger({ level: "trace", name: "worker", destination }),
    metrics: createMetrics(),
  });
  const written = new Map<string, string>();
  const batch = await engine.submit();
  // While the batch runs, receipts and claims are in Redis.
  const watching = new AbortController();
  const watched = (async () => {
    while (!watching.signal.aborted) {
      for (const [key, value] of await redisValues()) written.set(`Redis ${key}`, value);
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  await engine.ended(batch, 90_000);
  watching.abort();
  await watched;
  for (const [key, value] of await redisValues()) written.set(`Redis ${key}`, value);
  for (const [key, value] of await storedTexts(engine.results)) written.set(`store ${key}`, value);
  for (const [place, line] of log.split("\n").entries()) written.set(`log ${place}`, line);

  const lines = await engine.report(batch);
  expect(lines.map((line) => [line["findings"], Number(line["likeness"]) > 80])).toEqual([
    [[], true],
    [["structure"], true],
  ]);
  expect(log).toContain(batch);
  expect([...written.keys()].filter((key) => key.includes("report/part")).length).toBeGreaterThan(0);
  expect([...written].filter(([, text]) => text.includes(MARK)).map(([where]) => where)).toEqual([]);
  const long = [...written].filter(([, text]) => text.split("\n").some((line) => line.length >= LANDMARK_BYTES));
  expect(long.map(([where]) => where)).toEqual([]);
});

/** Reads every value of the engine's keys, one by one: fields of hashes, entries of streams, members of sets. */
async function redisValues(): Promise<readonly (readonly [string, string])[]> {
  const { redis, env } = engine;
  const namespace = env["DARKROOM_NAMESPACE"] ?? "";
  const found: [string, string][] = [];
  for (const key of await redis.keys(`*${namespace}*`)) {
    const values = await valuesOf(key, await redis.type(key));
    for (const [place, value] of values.entries()) found.push([`${key} ${place} ${value.length}`, value]);
  }
  return found;
}

async function valuesOf(key: string, type: string): Promise<readonly string[]> {
  const { redis } = engine;
  switch (type) {
    case "hash":
      return Object.values(await redis.hgetall(key));
    case "string":
      return [(await redis.get(key)) ?? ""];
    case "list":
      return await redis.lrange(key, 0, -1);
    case "set":
      return await redis.smembers(key);
    case "zset":
      return await redis.zrange(key, 0, -1);
    case "stream":
      return (await redis.xrange(key, "-", "+")).flatMap(([, fields]) => fields);
    default:
      return [];
  }
}

/** Reads every file that is not a picture, and the metadata of every file. */
async function storedTexts(store: ObjectStore): Promise<readonly (readonly [string, string])[]> {
  const found: [string, string][] = [];
  for await (const { key } of store.list({ prefix: "" })) {
    const { info, body } = await store.get(key);
    const parts: Buffer[] = [];
    for await (const part of body as AsyncIterable<Buffer>) parts.push(part);
    const bytes = Buffer.concat(parts);
    found.push([`${key} metadata`, JSON.stringify(info.metadata)]);
    if (/\.(jpe?g|png|webp)$/.test(key)) continue;
    found.push([key, (key.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString()]);
  }
  return found;
}
