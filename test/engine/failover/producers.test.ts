import { afterEach, describe, expect, it } from "vitest";
import { batchKeys, settledCount } from "@darkroom/core";
import { readSnapshot } from "@darkroom/manifest";
import { testS3, until } from "@darkroom/testkit";
import { readText, startEngine, type Engine } from "../kit/engine.ts";
import { startHttpFront } from "@darkroom/testkit";
import { postTo } from "../kit/post-to.ts";

let engine: Engine;
afterEach(async () => await engine.close());

async function countsOf(batch: string) {
  const record = await engine.ledger.read(batch);
  if (record === undefined) throw new Error("no such batch");
  return record.counts;
}

describe("a producer process", () => {
  it(
    "killed during ingest and dispatch is replaced by another, with no row lost or duplicated",
    { timeout: 120_000 },
    async () => {
      engine = await startEngine({
        producer: false,
        workers: 2,
        twin: { latencyMs: 2 },
        env: { DARKROOM_LANE_CONCURRENCY: "30" },
      });
      await engine.addPhotos(5);
      const rows = Array.from({ length: 30_000 }, (_, row) =>
        row % 6_000 === 0 ? `p0000${row / 6_000}.jpg,id-${row}` : `,bad-${row}`,
      );
      await engine.source.put("long.csv", Buffer.from(["source,id", ...rows].join("\n")));
      const batch = await engine.submit({ source: `${engine.root}in/long.csv`, skipBadRows: true });
      const first = await engine.spawnProducer();
      await until(async () => ((await engine.ledger.read(batch))?.parts ?? 0) > 2, { what: "some parts", everyMs: 2 });
      first.kill("SIGKILL");
      const at = (await engine.ledger.read(batch))?.parts ?? 0;
      expect(at).toBeLessThan(30);
      await engine.spawnProducer();
      const record = await engine.ended(batch, 90_000);
      expect(record.counts).toMatchObject({ total: 30_000, succeeded: 5, failed: 29_995 });
      const lines = await engine.report(batch);
      expect(lines.map(({ index }) => index)).toEqual(Array.from({ length: 30_000 }, (_, index) => index));
      expect(engine.twin.ledger().billed).toBe(5);
    },
  );

  it(
    "killed during a long S3 listing is replaced by another, with no photo lost or duplicated",
    { timeout: 240_000 },
    async () => {
      engine = await startEngine({ store: "s3", producer: false, workers: 0 });
      const keys = Array.from({ length: 3_400 }, (_, i) => `team-${i % 9}/${String(i).padStart(5, "0")}.jpg`);
      const rest = keys.values();
      const lane = async (): Promise<void> => {
        for (const key of rest) await engine.source.put(key, Buffer.from("x"));
      };
      await Promise.all(Array.from({ length: 48 }, lane));
      const batch = await engine.submit();
      const first = await engine.spawnProducer();
      await until(async () => ((await engine.ledger.read(batch))?.parts ?? 0) >= 2, { what: "two parts", everyMs: 1 });
      first.kill("SIGKILL");
      const stopped = await engine.ledger.read(batch);
      expect(stopped).toMatchObject({ ingested: false });
      await engine.spawnProducer();
      const read = async () => await engine.ledger.read(batch);
      await until(async () => (await read())?.ingested, { what: "the end of the ingest", timeoutMs: 60_000 });
      expect((await read())?.counts.total).toBe(3_400);
      const sources: (string | undefined)[] = [];
      for await (const rows of readSnapshot(engine.results, batch, 3_400)) {
        sources.push(...rows.map(({ source }) => source));
      }
      expect(sources).toEqual(keys.toSorted());
    },
  );

  it("stalled in its report does not overwrite the report of a later round", { timeout: 120_000 }, async () => {
    const held = Promise.withResolvers<void>();
    const goesOn = Promise.withResolvers<void>();
    let ends = 0;
    const front = await startHttpFront(testS3().endpoint, {
      sends: (message, onward) => {
        if (message.method !== "PUT") return false;
        if (message.url?.includes("batch.json") === true) ends += 1;
        if (message.url?.includes("report.jsonl") !== true) return false;
        held.resolve();
        void goesOn.promise.then(() => message.pipe(onward));
        return true;
      },
    });
    engine = await startEngine({
      store: "s3",
      producer: false,
      twin: { faults: [{ match: { portrait: "p00001", call: 1 }, fault: "no_face" }] },
    });
    await engine.addPhotos(3);
    const batch = await engine.submit();
    await engine.spawnProducer({ AWS_ENDPOINT_URL_S3: front.url });
    await held.promise;
    await engine.spawnProducer();
    expect((await engine.ended(batch)).counts).toMatchObject({ failed: 1 });
    await postTo(engine, `/batches/${batch}/retry`, { codes: ["no_face"] });
    await until(async () => (await engine.ledger.read(batch))?.state === "completed", { what: "the retry to end" });
    const noted = async () => {
      const spec = JSON.parse(await readText(engine.results, batchKeys(batch).spec)) as { ended: { round: number } };
      return [spec.ended.round, (await engine.report(batch)).map(({ outcome }) => outcome)];
    };
    expect(await noted()).toEqual([1, ["ok", "ok", "ok"]]);
    goesOn.resolve();
    await until(() => ends === 2, { what: "the late end, and the later one once more" });
    await until(async () => (await noted())[0] === 1, { what: "the later one to be there again" });
    expect(await noted()).toEqual([1, ["ok", "ok", "ok"]]);
    await front.close();
  });

  it("shares the work with a second one without duplicate work", async () => {
    engine = await startEngine({ producer: true, workers: 1 });
    await engine.spawnProducer();
    await engine.addPhotos(40);
    const batches = await Promise.all(
      ["a", "b", "c"].map((name) => engine.submit({ destination: `${engine.root}out/${name}/` })),
    );
    for (const batch of batches) expect((await engine.ended(batch)).counts.succeeded).toBe(40);
    expect(engine.twin.ledger().billed).toBe(120);
    expect(Object.values(engine.twin.ledger().calls).flat()).toHaveLength(120);
  });
});

describe("dispatch", () => {
  it("does not make a small batch wait for a big one", { timeout: 120_000 }, async () => {
    engine = await startEngine({ twin: { latencyMs: 150 }, env: { DARKROOM_LANE_CONCURRENCY: "5" } });
    await engine.addPhotos(1_000);
    const big = await engine.submit();
    await until(async () => ((await engine.ledger.read(big))?.counts.succeeded ?? 0) >= 5, {
      what: "the big batch to run",
    });
    const before = settledCount(await countsOf(big));
    const small = await engine.submit({
      rows: Array.from({ length: 20 }, (_, row) => ({ source: `p000${row + 10}.jpg` })),
      baseUrl: `${engine.root}in/`,
      destination: `${engine.root}team/`,
    });
    const record = await engine.ended(small);
    const meanwhile = settledCount(await countsOf(big)) - before;
    expect(record.counts.succeeded).toBe(20);
    expect(meanwhile).toBeLessThan(60);
    await engine.ledger.control.cancel(big, "seen enough");
    await engine.bus.tell({ type: "batch-cancelled", batch: big });
    await engine.ended(big);
  });

  it("alternates between bulk batches", { timeout: 120_000 }, async () => {
    engine = await startEngine({ twin: { latencyMs: 20 }, env: { DARKROOM_LANE_CONCURRENCY: "5" } });
    await engine.addPhotos(150);
    const batches = await Promise.all(
      ["a", "b"].map((name) => engine.submit({ destination: `${engine.root}out/${name}/` })),
    );
    await until(
      async () => {
        const settled = await Promise.all(batches.map(async (id) => settledCount(await countsOf(id))));
        return settled.every((count) => count >= 40) && settled.every((count) => count < 150);
      },
      { what: "both halfway at the same time", everyMs: 20, timeoutMs: 60_000 },
    );
    for (const batch of batches) expect((await engine.ended(batch)).counts.succeeded).toBe(150);
  });
});
