import { afterEach, describe, expect, it } from "vitest";
import { Schedules } from "@darkroom/ledger";
import { until } from "@darkroom/testkit";
import { readText, startEngine, type Engine } from "../kit/engine.ts";
import { runSchedule } from "../kit/run-schedule.ts";

let engine: Engine;
afterEach(async () => await engine.close());

const counts = async (batch: string) => (await engine.ledger.read(batch))?.counts;

describe("cancelling", () => {
  it("reaches the streams of every worker within a second and reports what may have been paid", async () => {
    engine = await startEngine({ workers: 2, twin: { latencyMs: 30_000 }, env: { DARKROOM_LANE_CONCURRENCY: "10" } });
    await engine.addPhotos(200);
    const batch = await engine.submit();
    await until(() => engine.twin.stats().openStreams === 10, { what: "10 open streams" });
    const at = performance.now();
    await fetch(`${engine.api.url}/v1/batches/${batch}/cancel`, { method: "POST" });
    await until(() => engine.twin.stats().openStreams === 0, { what: "no open stream", everyMs: 20 });
    expect(performance.now() - at).toBeLessThan(1_000);
    const record = await engine.ended(batch);
    expect(record.state).toBe("cancelled");
    expect(record.counts).toMatchObject({ total: 200, cancelled: 200 });
    const lines = await engine.report(batch);
    expect(lines).toHaveLength(200);
    const inFlight = lines.filter(({ outcome }) => outcome === "cancelled_in_flight");
    expect(inFlight).toHaveLength(10);
    expect(inFlight.every(({ billed }) => billed === "maybe")).toBe(true);
    expect(lines.filter(({ outcome, billed }) => outcome === "cancelled" && billed === "no")).toHaveLength(190);
  });

  it("deletes the provider's session of a portrait that a pause had requeued, and reports that it cost nothing", async () => {
    engine = await startEngine({
      twin: { latencyMs: 20, faults: [{ match: { call: 1 }, fault: "no_output" }] },
      env: { DARKROOM_BACKOFF_BASE_MS: "1500", DARKROOM_BACKOFF_CAP_MS: "1500" },
    });
    await engine.addPhotos(1);
    const batch = await engine.submit();
    await until(async () => (await counts(batch))?.retrying === 1, { what: "a portrait that waits for its retry" });
    await engine.ledger.control.pause(batch, "");
    await until(async () => (await counts(batch))?.pending === 1, { what: "a parked portrait", timeoutMs: 20_000 });
    const session = `${engine.twin.url}/memory?session_id=${await engine.sessionOf(batch, 0)}`;
    const memory = async () => await (await fetch(session, { headers: { "x-api-key": engine.twin.apiKey } })).text();
    const kept = await memory();
    await engine.ledger.control.cancel(batch, "");
    const record = await engine.ended(batch);
    expect(record).toMatchObject({
      state: "cancelled",
      counts: { total: 1, cancelled: 1, pending: 0, queued: 0, running: 0, retrying: 0 },
      failures: { cancelled_in_flight: 1 },
      maybeBilled: 0,
    });
    expect(await engine.report(batch)).toMatchObject([{ outcome: "cancelled_in_flight", billed: "no" }]);
    expect(engine.twin.ledger().billed).toBe(0);
    expect(kept).toContain("user_prompt");
    await until(async () => !(await memory()).includes("user_prompt"), { what: "a session that is cleared" });
  });
});

describe("pausing", () => {
  it("starts nothing more, keeps its position across a resume, and enhances each portrait once", async () => {
    engine = await startEngine({ twin: { latencyMs: 100 }, env: { DARKROOM_LANE_CONCURRENCY: "5" } });
    await engine.addPhotos(60);
    const batch = await engine.submit();
    await until(async () => ((await counts(batch))?.succeeded ?? 0) > 5, { what: "a start" });
    await engine.ledger.control.pause(batch, "lunch");
    await until(async () => ((await counts(batch))?.running ?? 1) === 0 && ((await counts(batch))?.queued ?? 1) === 0, {
      what: "everything parked",
    });
    const parked = await counts(batch);
    expect(parked?.pending).toBeGreaterThan(30);
    const billed = engine.twin.ledger().billed;
    await engine.ledger.control.resume(batch);
    const record = await engine.ended(batch);
    expect(record.counts.succeeded).toBe(60);
    expect(billed).toBeLessThan(60);
    expect(engine.twin.ledger().billed).toBe(60);
  });
});

describe("a blocked account", () => {
  it(
    "costs no attempt, reports the reason, and the batch resumes by itself after the top-up",
    { timeout: 120_000 },
    async () => {
      engine = await startEngine({
        twin: { balance: 5, latencyMs: 20 },
        env: { DARKROOM_LANE_CONCURRENCY: "4", DARKROOM_PROBE_MS: "300" },
      });
      await engine.addPhotos(20);
      const batch = await engine.submit();
      const status = async () =>
        (await (await fetch(`${engine.api.url}/v1/batches/${batch}`)).json()) as {
          state: string;
          blocked: { reason: string } | null;
        };
      await until(async () => (await status()).blocked !== null, { what: "a blocked lane" });
      expect((await status()).state).toBe("running");
      expect((await status()).blocked?.reason).toBe("balance");
      expect((await counts(batch))?.failed).toBe(0);
      engine.twin.setBalance(100);
      const record = await engine.ended(batch, 90_000);
      expect(record.counts.succeeded).toBe(20);
      expect((await engine.report(batch)).every(({ attempts }) => attempts === 1)).toBe(true);
      expect(engine.twin.ledger().billed).toBe(20);
    },
  );
});

describe("rate limits", () => {
  it("slow the lane down without costing attempts", async () => {
    engine = await startEngine({
      twin: { faults: [{ match: { call: 1 }, fault: { kind: "http", status: 429, retryAfterS: 1 } }] },
      env: { DARKROOM_LANE_CONCURRENCY: "2" },
    });
    await engine.addPhotos(4);
    const record = await engine.ended(await engine.submit());
    expect(record.counts.succeeded).toBe(4);
    expect((await engine.report(record.spec.id)).map(({ attempts }) => attempts)).toEqual([1, 1, 1, 1]);
  });
});

describe("questions", () => {
  it("are answered once by the standing answer", async () => {
    engine = await startEngine({ twin: { faults: [{ match: { call: 1 }, fault: "ask" }] } });
    await engine.addPhotos(2);
    const recipe = { preset: "professional-polish" as const, mode: "eco" as const };
    const asked = await engine.ended(await engine.submit({ recipe }));
    expect(asked.failures).toEqual({ needs_clarification: 2 });
    expect((await engine.report(asked.spec.id))[0]?.message).toContain("?");
    engine.twin.faults.clear();
    engine.twin.faults.add({ fault: "ask", match: { call: 2 } });
    const answered = await engine.ended(
      await engine.submit({ recipe: { ...recipe, clarificationAnswer: "Keep it natural." } }),
    );
    expect(answered.counts.succeeded).toBe(2);
  });
});

describe("the provider's session", () => {
  it("is deleted when a portrait has ended", async () => {
    engine = await startEngine();
    await engine.addPhotos(3);
    const batch = await engine.submit();
    await engine.ended(batch);
    const sessions = Object.values(engine.twin.ledger().calls).flatMap(([call]) => call?.session ?? []);
    expect(new Set(sessions).size).toBe(3);
    for (const session of sessions) {
      const response = await fetch(`${engine.twin.url}/memory?session_id=${session}`, {
        headers: { "x-api-key": engine.twin.apiKey },
      });
      expect(await response.text()).not.toContain("user_prompt");
    }
  });
});

describe("orphaned jobs", () => {
  it("are found by the sweep, and the batch still ends", { timeout: 120_000 }, async () => {
    engine = await startEngine({ twin: { latencyMs: 400 }, env: { DARKROOM_LANE_CONCURRENCY: "3" } });
    await engine.addPhotos(30);
    const batch = await engine.submit();
    await until(async () => ((await counts(batch))?.running ?? 0) > 0, { what: "a start" });
    const keys = await engine.redis.keys(`{${engine.env["DARKROOM_NAMESPACE"]}:twin}*`);
    await engine.redis.del(...keys.filter((key) => !key.includes(":gate:")));
    const record = await engine.ended(batch, 100_000);
    expect(record.counts.succeeded).toBe(30);
    expect(engine.twin.ledger().doubleBilled).toEqual([]);
  });
});

describe("a schedule over a prefix", () => {
  it("processes only new photos in its second run, and never overlaps with itself", { timeout: 120_000 }, async () => {
    engine = await startEngine();
    await engine.addPhotos(5);
    const schedules = new Schedules(engine.redis, engine.settings.redis.namespace);
    await schedules.create({
      id: "nightly",
      cron: "0 2 * * *",
      timeZone: "Europe/Berlin",
      createdAt: new Date().toISOString(),
      submission: {
        source: `${engine.root}in/`,
        destination: `${engine.root}out/{date}/`,
        recipe: { preset: "professional-polish", mode: "eco" },
      },
    });
    const run = async (): Promise<string> => await runSchedule(engine, "nightly");
    const first = await run();
    expect((await engine.ended(first)).counts).toMatchObject({ total: 5, succeeded: 5 });
    await engine.addPhotos(2, (index) => `new-${index}.jpg`);
    const second = await run();
    const record = await engine.ended(second);
    expect(record.counts).toMatchObject({ total: 2, succeeded: 2 });
    const report = await readText(engine.openStore(record.spec.destination.url), `_darkroom/${second}/report.jsonl`);
    expect(report.match(/"id":"[^"]+"/g)).toEqual(['"id":"new-0.jpg"', '"id":"new-1.jpg"']);
    const third = await engine.ended(await run());
    expect(third.counts.total).toBe(0);
    expect(engine.twin.ledger().billed).toBe(7);
  });
});

describe("a large batch", () => {
  it(
    "of 200,000 portraits, paused after ingest, takes less than 2 bytes per portrait in Redis",
    { timeout: 120_000 },
    async () => {
      engine = await startEngine({ workers: 0 });
      const lines = ["source,id"];
      for (let row = 0; row < 200_000; row += 1) lines.push(`photos/p${row}.jpg,id-${row}`);
      await engine.source.put("big.csv", Buffer.from(lines.join("\n")));
      const batch = await engine.submit({ source: `${engine.root}in/big.csv` });
      await engine.ledger.control.pause(batch, "measured");
      await until(async () => (await engine.ledger.read(batch))?.ingested === true, {
        what: "the ingest",
        timeoutMs: 60_000,
      });
      const total = (await counts(batch))?.total ?? 0;
      expect(total).toBe(200_000);
      const keys = await engine.redis.keys(`*${engine.settings.redis.namespace}*`);
      const sizes = await Promise.all(
        keys.map(async (key) => Number(await engine.redis.memory("USAGE", key, "SAMPLES", 0))),
      );
      const bytes = sizes.reduce((sum, size) => sum + size, 0);
      process.stdout.write(
        `Redis bytes a waiting portrait: ${(bytes / total).toFixed(3)} (${bytes} bytes for ${total})\n`,
      );
      expect(bytes / total).toBeLessThan(2);
      expect(await readText(engine.results, `_darkroom/${batch}/batch.json`)).toContain(batch);
    },
  );
});
