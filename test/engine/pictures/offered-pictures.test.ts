import { mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { afterEach, describe, expect, it } from "vitest";
import { batchKeys, type ObjectStore } from "@darkroom/core";
import { heic, HEIGHT, portrait, WIDTH } from "@darkroom/imaging/test-pictures";
import { until } from "@darkroom/testkit";
import { startEngine, type Engine } from "../kit/engine.ts";

const hasS3 = process.env["DARKROOM_TEST_S3"] !== "off";
if (!hasS3) console.warn("DARKROOM_TEST_S3 is off: converted pictures are not tested on S3");
const STORES = hasS3 ? (["local", "s3"] as const) : (["local"] as const);

let engine: Engine;
afterEach(async () => await engine.close());

async function keysUnder(store: ObjectStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list({ prefix })) keys.push(key);
  return keys;
}

async function bytesOf(store: ObjectStore, key: string): Promise<Buffer> {
  const { body } = await store.get(key);
  return Buffer.concat(await body.toArray());
}

const inputsOf = (batchId: string): Promise<string[]> => keysUnder(engine.results, batchKeys(batchId).inputsPrefix);

/** A photo stored sideways, with an EXIF tag for its rotation. */
async function turned(): Promise<Buffer> {
  const lying = await (await portrait()).rotate(-90).toBuffer();
  return await sharp(lying).withMetadata({ orientation: 6 }).jpeg().toBuffer();
}

async function addThree(): Promise<void> {
  await engine.source.put("a-plain.jpg", await (await portrait()).jpeg().toBuffer());
  await engine.source.put("b-turned.jpg", await turned());
  await engine.source.put("c-phone.heic", await heic());
}

it("leaves no partial picture of a dead worker once the batch has ended", async () => {
  engine = await startEngine({ producer: false });
  await engine.addPhotos(1);
  const batch = await engine.submit();
  const half = ".darkroom-11111111-1111-4111-8111-111111111111.tmp";
  const out = fileURLToPath(engine.results.url);
  const inputs = join(out, batchKeys(batch).inputsPrefix);
  await mkdir(inputs, { recursive: true });
  for (const folder of [out, inputs]) await writeFile(join(folder, half), "half a face");
  await utimes(join(out, half), 0, 0);
  await engine.spawnProducer();
  await engine.ended(batch);
  expect(await readdir(out)).not.toContain(half);
  await expect(readdir(inputs)).rejects.toMatchObject({ code: "ENOENT" });
});

describe("a local folder that providers cannot reach", () => {
  it("is sent through the provider's own storage, unchanged or converted, and leaves no file", async () => {
    engine = await startEngine({ links: false });
    await addThree();
    const record = await engine.ended(await engine.submit());
    expect(record.failures).toEqual({});
    expect(record.counts.succeeded).toBe(3);
    expect(engine.twin.stats().uploads).toBe(3);
    const { width, height } = await sharp(await bytesOf(engine.results, "b-turned.jpg")).metadata();
    expect([width, height]).toEqual([WIDTH, HEIGHT]);
    expect(await inputsOf(record.spec.id)).toEqual([]);
  });

  it("is uploaded again for each call, and nothing is paid twice", async () => {
    engine = await startEngine({
      links: false,
      twin: { faults: [{ match: { call: 1 }, fault: { kind: "http", status: 503 } }] },
    });
    await engine.source.put("b-turned.jpg", await turned());
    const record = await engine.ended(await engine.submit());
    expect(record.counts.succeeded).toBe(1);
    expect(engine.twin.ledger().billed).toBe(1);
  });
});

describe("a provider that accepts pictures within the request", () => {
  it("sends pictures of a local folder that way, and leaves no file", async () => {
    engine = await startEngine({ links: false, phota: true });
    await addThree();
    const recipe = { provider: "phota", preset: "professional-polish" } as const;
    const record = await engine.ended(await engine.submit({ recipe }));
    expect(record.failures).toEqual({});
    expect(record.counts.succeeded).toBe(3);
    const { width, height } = await sharp(await bytesOf(engine.results, "b-turned.jpg")).metadata();
    expect([width, height]).toEqual([WIDTH, HEIGHT]);
    expect(engine.twin.stats().uploads).toBe(0);
    expect(await inputsOf(record.spec.id)).toEqual([]);
  });
});

describe("a converted picture", () => {
  it.each(STORES)(
    "is upright in the %s store while its provider works, and is deleted with its portrait",
    async (store) => {
      engine = await startEngine({ store, twin: { latencyMs: 1_500 }, env: { DARKROOM_LANE_CONCURRENCY: "1" } });
      await addThree();
      const rows = [{ source: "b-turned.jpg" }, { source: "a-plain.jpg" }];
      const batchId = await engine.submit({ rows, baseUrl: `${engine.root}in/` });
      const [key = ""] = await until(
        async () => {
          const keys = await inputsOf(batchId);
          return keys.length === 0 ? undefined : keys;
        },
        { what: "a converted picture", timeoutMs: 30_000 },
      );
      const { width, height, orientation } = await sharp(await bytesOf(engine.results, key)).metadata();
      expect([width, height, orientation]).toEqual([WIDTH, HEIGHT, undefined]);
      await engine.settledAtLeast(batchId, 1);
      await until(async () => (await inputsOf(batchId)).length === 0, { what: "it to be removed", timeoutMs: 5_000 });
      expect((await engine.ledger.read(batchId))?.endedAt).toBeUndefined();
      expect((await engine.ended(batchId)).counts.succeeded).toBe(2);
    },
  );

  it("that a dead worker left is deleted at the end of its batch", async () => {
    engine = await startEngine({ twin: { latencyMs: 1_000 } });
    await engine.addPhotos(1);
    const batchId = await engine.submit();
    const left = batchKeys(batchId).input(7, "each-sense-0123456789abcdef", "jpg");
    await engine.results.put(left, await turned());
    await engine.ended(batchId);
    expect(await inputsOf(batchId)).toEqual([]);
    expect(await engine.results.head("p00000.jpg")).toBeDefined();
  });
});
