import { createHash } from "node:crypto";
import { buffer } from "node:stream/consumers";
import sharp from "sharp";
import { afterEach, describe, expect, it } from "vitest";
import { parseReceipt, pictureLinks, type Call, type OutcomeCode, type Submission } from "@darkroom/core";
import { heic, portrait } from "@darkroom/imaging/test-pictures";
import { startRedis, until, type PrivateRedis } from "@darkroom/testkit";
import type { FaultInput } from "@darkroom/twin";
import { startEngine, type Engine, type EngineOptions } from "../kit/engine.ts";

const RECIPE: Submission["recipe"] = { provider: "phota", preset: "professional-polish" };
const LANE = "twin-phota";
const DAY_MS = 24 * 3_600_000;

let engine: Engine;
let redis: PrivateRedis | undefined;
afterEach(async () => {
  await engine.close();
  await redis?.close();
  redis = undefined;
});

const start = (options: EngineOptions = {}): Promise<Engine> =>
  startEngine({ phota: true, ...options, twin: { latencyMs: 20, profiles: ["anna"], ...options.twin } });

interface Lane {
  readonly name: string;
  readonly blocked: { readonly reason: string; readonly message: string } | null;
}

async function lane(): Promise<Lane | undefined> {
  const answer = await fetch(`${engine.api.url}/v1/lanes`);
  const { lanes } = (await answer.json()) as { readonly lanes: readonly Lane[] };
  return lanes.find(({ name }) => name === LANE);
}

/** Runs one portrait whose first call fails like this. */
async function lineAfter(
  fault: FaultInput | undefined,
  env: Record<string, string> = {},
  rest: Partial<Submission> = {},
) {
  engine = await start({
    env: { DARKROOM_DEADLINE_MS: "2000", DARKROOM_IDLE_MS: "700", DARKROOM_PROBE_MS: "200", ...env },
    twin: { faults: fault === undefined ? [] : [{ match: { call: 1 }, fault }] },
  });
  await engine.addPhotos(1);
  const batch = await engine.submit({ recipe: RECIPE, ...rest });
  await engine.ended(batch);
  const { bills, calls } = engine.twin.ledger();
  return { line: (await engine.report(batch))[0], bills, calls: Object.values(calls).flat() };
}

interface Expected {
  readonly outcome: OutcomeCode;
  readonly attempts: number;
  readonly billed: "no" | "yes" | "maybe";
  /** Number of received calls, and number of paid calls. */
  readonly calls: number;
  readonly paid: number;
}

const refused = (outcome: OutcomeCode): Expected => ({ outcome, attempts: 1, billed: "no", calls: 1, paid: 0 });
/** Retried and delivered. `paid` includes the cost of the lost call. */
const again = (paid: 1 | 2): Expected => ({ outcome: "ok", attempts: 2, billed: "maybe", calls: 2, paid });
/** The portrait waits at no cost. */
const WAITED: Expected = { outcome: "ok", attempts: 1, billed: "yes", calls: 2, paid: 1 };

const http = (status: number, body?: Record<string, string>): FaultInput => ({
  kind: "http",
  status,
  ...(body === undefined ? {} : { body }),
});

/** The errors of provider contract B, line by line: raw answer → report and books. */
const LINES: readonly (readonly [wire: string, fault: FaultInput, expected: Expected])[] = [
  ["400 CONTENT_MODERATION", "content_policy", refused("content_policy")],
  ["400: no face", "no_face", refused("no_face")],
  ["400: an invalid image", http(400, { detail: "Invalid image: cannot be decoded" }), refused("invalid_image")],
  ["400: another invalid input", http(400, { detail: "prompt is not allowed here" }), refused("invalid_request")],
  ["404", http(404, { detail: "Profile not found: p9" }), refused("invalid_request")],
  ["413", http(413), refused("too_large")],
  ["422", http(422), refused("invalid_request")],
  ["429", { kind: "http", status: 429, retryAfterS: 1 }, WAITED],
  ["408", http(408), again(1)],
  ["500", http(500), again(1)],
  ["503", http(503), again(1)],
  ["a connection reset before the answer", "reset", again(1)],
  ["a connection cut after the request", "reset_after_accept", again(2)],
  ["an answer that never comes", "no_headers", again(2)],
  ["an answer cut in the middle", "cut_mid_event", again(2)],
  ["an answer that falls silent", "silence", again(2)],
  ["an answer that never ends", { kind: "trickle", everyMs: 100 }, again(2)],
  ["an answer without a picture", "no_output", again(1)],
];

/** Returns the simulator's name of a picture that came within the request. */
function nameInTwin(bytes: Buffer): string {
  return `bytes/${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}`;
}

async function sizeOf(bytes: Buffer): Promise<readonly [number, number]> {
  const { width, height } = await sharp(bytes).metadata();
  return [width, height];
}

const sizeOfResult = async (key: string): Promise<readonly [number, number]> =>
  await sizeOf(await buffer((await engine.results.get(key)).body));

describe("an error of Phota, from the wire to the report", () => {
  it.each(LINES)("%s", async (_, fault, { outcome, attempts, billed, calls, paid }) => {
    const seen = await lineAfter(fault);
    expect(seen.line).toMatchObject({ outcome, attempts, billed });
    expect({ calls: seen.calls.length, paid: seen.bills.length }).toEqual({ calls, paid });
    expect(await lane()).toMatchObject({ blocked: null });
  });

  it.each([
    ["401", http(401), "auth"],
    ["403", http(403), "auth"],
    ["402", "balance" as const, "balance"],
  ])("%s blocks the lane, costs no attempt, and a probe unblocks it", async (_, fault, reason) => {
    engine = await start({
      env: { DARKROOM_PROBE_MS: "300" },
      twin: { faults: [{ match: { portrait: "p00000", call: 1 }, fault }] },
    });
    await engine.addPhotos(1);
    const batch = await engine.submit({ recipe: RECIPE });
    await until(async () => (await lane())?.blocked?.reason === reason, { what: "a blocked lane" });
    await engine.ended(batch);
    expect((await engine.report(batch))[0]).toMatchObject({ outcome: "ok", attempts: 1, billed: "yes" });
    expect(await lane()).toMatchObject({ blocked: null });
    expect(engine.twin.ledger().billed).toBe(1);
  });

  it("names the unknown profile of a row, and is not paid", async () => {
    engine = await start();
    await engine.addPhotos(1);
    const rows = [{ source: "p00000.jpg", profile_ids: "anna;nobody" }];
    const batch = await engine.submit({ recipe: RECIPE, rows, baseUrl: `${engine.root}in/` });
    await engine.ended(batch);
    expect((await engine.report(batch))[0]).toMatchObject({
      outcome: "invalid_request",
      billed: "no",
      message: expect.stringContaining("nobody"),
    });
    expect(engine.twin.ledger().billed).toBe(0);
  });
});

describe("a call that may or may not have been paid", () => {
  it("ends as maybe billed if it was the last attempt", async () => {
    const { line, bills } = await lineAfter("reset_after_accept", { DARKROOM_ATTEMPTS: "1" });
    expect(line).toMatchObject({ outcome: "provider_error", attempts: 1, billed: "maybe" });
    expect(bills).toHaveLength(1);
  });

  it("is not one that exceeds the idle limit: Phota sends nothing while it works", async () => {
    engine = await start({ twin: { latencyMs: 1_500 }, env: { DARKROOM_IDLE_MS: "300" } });
    await engine.addPhotos(1);
    const batch = await engine.submit({ recipe: RECIPE });
    await engine.ended(batch);
    expect((await engine.report(batch))[0]).toMatchObject({ outcome: "ok", attempts: 1, billed: "yes" });
    expect(engine.twin.ledger().billed).toBe(1);
  });

  it("is not one that never arrived", async () => {
    const { line, calls } = await lineAfter(undefined, {
      DARKROOM_ATTEMPTS: "1",
      DARKROOM_OUTAGE_FAILURES: "0",
      PHOTA_BASE_URL: "http://127.0.0.1:9",
    });
    expect(line).toMatchObject({ outcome: "provider_error", billed: "no" });
    expect(calls).toEqual([]);
  });

  it("is one whose worker was killed while waiting: paid twice, and marked", { timeout: 90_000 }, async () => {
    engine = await start({ workers: 0, twin: { latencyMs: 3_000 }, env: { DARKROOM_IDLE_MS: "10000" } });
    await engine.addPhotos(3);
    const victim = await engine.spawnWorker();
    const batch = await engine.submit({ recipe: RECIPE });
    await until(() => engine.twin.stats().running === 3, { what: "3 calls", timeoutMs: 20_000 });
    victim.kill("SIGKILL");
    await engine.spawnWorker();
    const record = await engine.ended(batch, 60_000);
    expect(record.counts).toMatchObject({ total: 3, succeeded: 3 });
    expect(engine.twin.ledger().billed).toBe(6);
    expect((await engine.report(batch)).map(({ billed }) => billed)).toEqual(["maybe", "maybe", "maybe"]);
  });

  it("is any call of a batch that was rebuilt after Redis was lost with its receipts", async () => {
    redis = await startRedis();
    engine = await start({ redisUrl: redis.url, twin: { latencyMs: 400 }, env: { DARKROOM_LANE_CONCURRENCY: "4" } });
    await engine.addPhotos(12);
    const batch = await engine.submit({ recipe: RECIPE });
    await engine.settledAtLeast(batch, 2);
    await engine.redis.flushall();
    await until(() => engine.twin.stats().running === 0, { what: "the calls to end", timeoutMs: 20_000 });
    const answer = await fetch(`${engine.api.url}/v1/recoveries`, {
      method: "POST",
      body: JSON.stringify({ destination: `${engine.root}out/` }),
      headers: { "content-type": "application/json" },
    });
    expect(answer.status).toBe(200);
    const record = await engine.ended(batch);
    expect(record.counts).toMatchObject({ total: 12, succeeded: 12 });
    const lines = await engine.report(batch);
    const { calls } = engine.twin.ledger();
    const paidTwice = Object.keys(calls).filter((portrait) => (calls[portrait]?.length ?? 0) > 1);
    const unmarked = lines.filter(
      ({ id, billed }) => billed !== "maybe" && paidTwice.some((name) => name.endsWith(id)),
    );
    expect(unmarked).toEqual([]);
    // Earlier deliveries are known to have been paid once.
    expect(new Set(lines.map(({ billed }) => billed))).toEqual(new Set(["yes", "maybe"]));
  });
});

/** Returns the calls of every portrait in flight, as a later worker finds them. */
async function keptCalls(batch: string): Promise<readonly (readonly Call[])[]> {
  const [key = ""] = await engine.redis.keys(`*${batch}*:receipts`);
  const fields = key === "" ? {} : await engine.redis.hgetall(key);
  const receipts = Object.entries(fields).filter(([field]) => !field.includes(":"));
  return receipts.map(([, receipt]) => parseReceipt(receipt).calls);
}

/** Waits for this number of stored links, and returns them. */
const keptLinks = (batch: string, count: number): Promise<readonly (readonly string[])[]> =>
  until(
    async () => {
      const links = (await keptCalls(batch)).flat().map(pictureLinks);
      const kept = links.filter((urls) => urls.length > 0);
      return kept.length === count ? kept : undefined;
    },
    { what: `${count} links in receipts`, timeoutMs: 20_000 },
  );

describe("a signed link", () => {
  it(
    "is reused by the next worker when one dies before storing: nothing is paid twice",
    { timeout: 90_000 },
    async () => {
      engine = await start({ workers: 0, twin: { faults: [{ fault: { kind: "slow_download", downloadMs: 4_000 } }] } });
      await engine.addPhotos(2);
      const victim = await engine.spawnWorker();
      const batch = await engine.submit({ recipe: { ...RECIPE, output: { variations: 2 } } });
      for (const [, ...variations] of await keptLinks(batch, 2)) {
        expect(variations).toEqual([expect.stringContaining("signature=")]);
      }
      victim.kill("SIGKILL");
      expect(engine.twin.ledger().delivered).toBe(0);
      await engine.spawnWorker();
      const record = await engine.ended(batch, 60_000);
      expect(record.counts).toMatchObject({ total: 2, succeeded: 2 });
      const { bills, calls } = engine.twin.ledger();
      expect({ bills: bills.length, calls: Object.values(calls).flat().length }).toEqual({ bills: 2, calls: 2 });
      expect((await engine.report(batch)).map(({ billed, attempts }) => [billed, attempts])).toEqual([
        ["yes", 1],
        ["yes", 1],
      ]);
    },
  );

  it("that has expired is not paid for again unless a user asks for it", { timeout: 90_000 }, async () => {
    engine = await start({
      workers: 0,
      // One day of the provider's time passes in eight seconds.
      twin: { clock: DAY_MS / 8_000, faults: [{ fault: { kind: "slow_download", downloadMs: 2 * DAY_MS } }] },
      env: { DARKROOM_LOCK_MS: "1000" },
    });
    await engine.addPhotos(1);
    const victim = await engine.spawnWorker();
    const batch = await engine.submit({ recipe: RECIPE });
    const [kept] = await keptLinks(batch, 1);
    victim.kill("SIGKILL");
    expect(engine.twin.ledger()).toMatchObject({ billed: 1, delivered: 0 });
    const expiresAt = 1_000 * Number(new URL(kept?.[0] ?? "").searchParams.get("expires"));
    expect(expiresAt).toBeGreaterThan(Date.now());
    await until(() => Date.now() > expiresAt, { what: "the link to expire", timeoutMs: 20_000 });
    await engine.spawnWorker();
    const record = await engine.ended(batch);
    expect(record.failures).toEqual({ result_unavailable: 1 });
    expect((await engine.report(batch))[0]).toMatchObject({
      outcome: "result_unavailable",
      billed: "yes",
      attempts: 1,
    });
    expect(engine.twin.ledger().billed).toBe(1);

    engine.twin.faults.clear();
    const answer = await fetch(`${engine.api.url}/v1/batches/${batch}/retry`, { method: "POST" });
    expect(answer.status).toBe(200);
    await engine.ended(batch);
    expect((await engine.report(batch))[0]).toMatchObject({ outcome: "ok", round: 1 });
    expect(engine.twin.ledger().billed).toBe(2);
  });
});

interface StoredNames {
  readonly destination: string;
  readonly variations: readonly string[];
  readonly deliveries: readonly string[];
}

describe("a local folder that Phota cannot reach", () => {
  it("is sent within the requests, JPEG and HEIC, and everything ordered is returned", async () => {
    const photos = {
      "anna.jpg": await (await portrait()).jpeg().toBuffer(),
      "ben.heic": await heic(),
      "eva.jpg": await (await portrait()).modulate({ brightness: 0.8 }).jpeg().toBuffer(),
    };
    engine = await start({
      links: false,
      twin: {
        profiles: ["anna", "ben"],
        faults: [{ match: { portrait: nameInTwin(photos["ben.heic"]) }, fault: "unrecognised" }],
      },
    });
    for (const [name, bytes] of Object.entries(photos)) await engine.source.put(name, bytes);
    const recipe = { ...RECIPE, output: { variations: 2, deliveries: [{ name: "signature" as const }] } };
    const rows = [
      { source: "anna.jpg", profile_ids: "anna" },
      { source: "ben.heic", profile_ids: "ben" },
      { source: "eva.jpg" },
    ];
    const batch = await engine.submit({ recipe, rows, baseUrl: `${engine.root}in/` });
    expect((await engine.ended(batch)).failures).toEqual({});
    const lines = await engine.report(batch);
    const paidOnce = { outcome: "ok", billed: "yes", attempts: 1 };
    expect(lines).toMatchObject([
      {
        ...paidOnce,
        destination: "anna.jpg",
        variations: ["anna-2.jpg"],
        deliveries: ["signature/anna.jpg"],
        knownSubjects: { anna: 2 },
      },
      {
        ...paidOnce,
        destination: "ben.jpg",
        variations: ["ben-2.jpg"],
        deliveries: ["signature/ben.jpg"],
        knownSubjects: {},
      },
      { ...paidOnce, destination: "eva.jpg", variations: ["eva-2.jpg"], deliveries: ["signature/eva.jpg"] },
    ]);
    const said = "the profile ben was not recognized in the result";
    expect(lines.map(({ warnings }) => (warnings as string[]).includes(said))).toEqual([false, true, false]);
    for (const [place, photo] of Object.values(photos).entries()) {
      const { destination, variations, deliveries } = lines[place] as unknown as StoredNames;
      const source = await sizeOf(photo);
      for (const key of [destination, ...variations]) expect(await sizeOfResult(key)).toEqual(source);
      for (const key of deliveries) expect(await sizeOfResult(key)).toEqual([150, 150]);
    }
    const { bills, calls } = engine.twin.ledger();
    // The simulator names base64 pictures by their bytes, which are those of the files.
    expect(Object.keys(calls).toSorted()).toEqual(Object.values(photos).map(nameInTwin).toSorted());
    expect(bills.map(({ pictures }) => pictures)).toEqual([2, 2, 2]);
  });
});

describe("a recipe of several steps", () => {
  const steps = [{ preset: "lighting-adjustment" as const }, { prompt: "a plain light grey background" }];

  it.each([
    ["urls", /^[^b].*p00000\.jpg$/],
    // A picture sent within the request has no URL by which the simulator could name it.
    ["bytes", /^bytes\//],
  ] as const)("passes each step the previous picture, with results as %s", async (mode, second) => {
    engine = await start({ env: { PHOTA_RESPONSE_MODE: mode } });
    await engine.addPhotos(1);
    const batch = await engine.submit({ recipe: { provider: "phota", steps } });
    const record = await engine.ended(batch);
    expect(record.counts).toMatchObject({ total: 1, succeeded: 1 });
    expect((await engine.report(batch))[0]).toMatchObject({ outcome: "ok", billed: "yes", attempts: 1 });
    const { bills } = engine.twin.ledger();
    expect(bills).toHaveLength(2);
    expect(bills[1]?.portrait).toMatch(second);
  });
});

it("delivers pictures within the answer unchanged", async () => {
  engine = await start({ env: { PHOTA_RESPONSE_MODE: "bytes" } });
  const keys = await engine.addPhotos(20);
  const batch = await engine.submit({ recipe: RECIPE });
  const record = await engine.ended(batch);
  expect(record.counts).toMatchObject({ total: 20, succeeded: 20 });
  expect(engine.twin.ledger()).toMatchObject({ billed: 20, delivered: 20 });
  for (const key of keys) expect((await engine.results.head(key))?.metadata["darkroom-provider"]).toBe("phota");
});

describe("answers that contain their pictures", () => {
  /** Starts six portraits, with memory for two at a time. */
  async function sixLarge(latencyMs: number): Promise<string> {
    engine = await start({
      env: { PHOTA_RESPONSE_MODE: "bytes", DARKROOM_IMAGE_MEMORY_MB: "16" },
      twin: { latencyMs, work: "light" },
    });
    // 4 megapixels each. Two of them may need 16 MB.
    const photo = await (await portrait()).resize(2_000, 2_000, { fit: "fill" }).jpeg().toBuffer();
    for (let nth = 0; nth < 6; nth += 1) {
      await engine.source.put(`p${nth}.jpg`, Buffer.concat([photo, Buffer.from(`#${nth}`)]));
    }
    return await engine.submit({ recipe: RECIPE });
  }

  it("are requested only if memory for them can be reserved", async () => {
    const batch = await sixLarge(400);
    expect((await engine.ended(batch)).counts).toMatchObject({ succeeded: 6 });
    expect(engine.twin.stats().maxRunning).toBe(2);
    expect(engine.twin.ledger()).toMatchObject({ billed: 6, delivered: 6 });
  });

  it("are not requested when the batch is paused while they wait for memory", async () => {
    const batch = await sixLarge(3_000);
    await until(() => engine.twin.stats().running === 2, { what: "two calls" });
    await until(async () => (await engine.ledger.read(batch))?.counts.running === 6, { what: "four that wait" });
    await engine.ledger.control.pause(batch, "");
    await until(async () => (await engine.ledger.read(batch))?.counts.running === 0, {
      what: "an end of what runs",
      timeoutMs: 20_000,
    });
    await until(async () => (await engine.ledger.read(batch))?.counts.pending === 4, { what: "four parked" });
    expect(engine.twin.stats().calls).toBe(2);
    expect((await engine.ledger.read(batch))?.counts).toMatchObject({ succeeded: 2, failed: 0 });
  });
});

it("does not affect the lane of each::sense", async () => {
  engine = await start({ twin: { faults: [{ match: { session: "phota-" }, fault: "balance" }] } });
  await engine.addPhotos(2);
  const phota = await engine.submit({ recipe: RECIPE });
  await until(async () => (await lane())?.blocked?.reason === "balance", { what: "a blocked lane" });
  const sense = await engine.submit({ recipe: { preset: "professional-polish", mode: "eco" } });
  expect((await engine.ended(sense)).counts).toMatchObject({ succeeded: 2 });
  expect(await lane()).toMatchObject({ blocked: { reason: "balance" } });
  expect((await engine.ledger.read(phota))?.counts).toMatchObject({ succeeded: 0, failed: 0 });
});
