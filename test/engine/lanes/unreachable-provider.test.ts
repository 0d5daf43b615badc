import { afterEach, describe, expect, it } from "vitest";
import { portrait } from "@darkroom/imaging/test-pictures";
import { until } from "@darkroom/testkit";
import type { LaneView } from "@darkroom/cli/api-views";
import { DarkroomClient } from "@darkroom/cli/client";
import { runCommand } from "@darkroom/cli/test-command";
import { startEngine, type Engine, type EngineOptions } from "../kit/engine.ts";
import { startHttpFront } from "@darkroom/testkit";
import { startRefusingFront, type RefusingFront } from "@darkroom/testkit";

const TIMEOUT = { timeout: 90_000 };
const PHOTOS = 14;

let engine: Engine;
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  await engine.close();
});

async function startFront(): Promise<RefusingFront> {
  const front = await startRefusingFront();
  stops.push(front.close);
  return front;
}

/**
 * Starts an engine that reaches the provider only through the proxy. When the proxy is closed, the machine has no
 * network.
 */
async function startBehind(front: RefusingFront, options: EngineOptions = {}): Promise<void> {
  engine = await startEngine({
    phota: true,
    ...options,
    env: {
      DARKROOM_PROBE_MS: "200",
      EACHLABS_BASE_URL: front.url,
      PHOTA_BASE_URL: front.url,
      ...options.env,
    },
  });
  front.passTo(engine.twin.url);
}

function client(): DarkroomClient {
  const open = new DarkroomClient(engine.api.url, undefined);
  stops.push(() => open.close());
  return open;
}

async function laneOf(name: string): Promise<LaneView> {
  const lane = (await client().lanes()).find((each) => each.name === name);
  if (lane === undefined) throw new Error(`there is no lane ${name}`);
  return lane;
}

/** Waits for the block, and for probes refused after it. */
async function blockedThrough(probes: number, lane = "twin"): Promise<NonNullable<LaneView["blocked"]>> {
  return await until(
    async () => {
      const { blocked, probe } = await laneOf(lane);
      return blocked !== null && (probe?.failed ?? 0) >= probes ? blocked : undefined;
    },
    { what: `${probes} refused probes`, timeoutMs: 30_000 },
  );
}

async function attemptsOf(batch: string): Promise<readonly number[]> {
  return (await engine.report(batch)).map(({ attempts }) => attempts);
}

const ONCE = Array.from({ length: PHOTOS }, () => 1);

describe("the provider's own storage, for photos of a local folder", () => {
  it("that refuses connections blocks the lane as an outage, and costs no photo's attempt", TIMEOUT, async () => {
    const front = await startFront();
    engine = await startEngine({
      links: false,
      env: { DARKROOM_PROBE_MS: "200", EACHLABS_STORAGE_URL: front.url },
    });
    front.passTo(engine.twin.url);
    await front.sever();
    await engine.addPhotos(PHOTOS);
    const batch = await engine.submit();
    const { reason, message } = await blockedThrough(2);
    expect(reason).toBe("outage");
    expect(message).toContain("no connection to each::storage (ECONNREFUSED: it refused the connection)");

    const env = { DARKROOM_API_URL: engine.api.url };
    const says = async (...args: string[]) => (await runCommand(args, { cwd: process.cwd(), env })).out;
    const [lanes, status, list] = [await says("lanes"), await says("status", batch), await says("list")];
    expect(lanes).toMatch(/blocked \(outage\) since .*ECONNREFUSED/);
    expect(status).toMatch(/the provider account is blocked \(outage\): .*ECONNREFUSED/);
    expect(list).toMatch(/running +0\/14 +0 +the provider/);
    expect(`${lanes}${status}${list}`).not.toContain(engine.twin.apiKey);
    expect(engine.twin.ledger()).toMatchObject({ billed: 0, bills: [] });

    await front.restore();
    expect((await engine.ended(batch)).counts).toMatchObject({ succeeded: PHOTOS, failed: 0 });
    expect(await attemptsOf(batch)).toEqual(ONCE);
    expect(engine.twin.ledger()).toMatchObject({ billed: PHOTOS, doubleBilled: [] });
    expect((await laneOf("twin")).blocked).toBeNull();
  });

  it("that refuses a single photo's connections blocks the lane, too, and ends nothing", TIMEOUT, async () => {
    const front = await startFront();
    await startBehind(front, { links: false, env: { DARKROOM_OUTAGE_FAILURES: "4", DARKROOM_ATTEMPTS: "2" } });
    await front.sever();
    await engine.addPhotos(1);
    const batch = await engine.submit();
    expect((await blockedThrough(1)).reason).toBe("outage");
    await front.restore();
    expect((await engine.ended(batch)).counts).toMatchObject({ succeeded: 1, failed: 0 });
    expect(await attemptsOf(batch)).toEqual([1]);
  });

  it("that answers 503 blocks the lane from the configured number of failures on", TIMEOUT, async () => {
    const front = await startFront();
    await startBehind(front, { links: false, env: { DARKROOM_OUTAGE_FAILURES: "6" } });
    front.refuse(503, "POST /v1/upload");
    await engine.addPhotos(PHOTOS);
    const batch = await engine.submit();
    expect((await blockedThrough(3)).message).toContain("HTTP 503");
    front.pass();
    expect((await engine.ended(batch)).counts).toMatchObject({ succeeded: PHOTOS, failed: 0 });
    const burnt = (await attemptsOf(batch)).reduce((sum, attempts) => sum + attempts - 1, 0);
    expect(burnt).toBeLessThan(6);
    expect(engine.twin.ledger()).toMatchObject({ billed: PHOTOS, doubleBilled: [] });
  });

  it(
    "that rejects only one photo blocks nothing: that portrait fails, and the others are delivered",
    TIMEOUT,
    async () => {
      const large = await (await portrait()).resize(900).jpeg({ quality: 100 }).toBuffer();
      const front = await startHttpFront(undefined, {
        answers: ({ method, headers }, response) => {
          const isLarge = method === "PUT" && Number(headers["content-length"]) === large.length;
          if (isLarge) response.destroy();
          return isLarge;
        },
      });
      stops.push(front.close);
      engine = await startEngine({
        links: false,
        env: { EACHLABS_STORAGE_URL: front.url, DARKROOM_OUTAGE_FAILURES: "1", DARKROOM_BREAKER: "false" },
      });
      front.passTo(engine.twin.url);
      await engine.addPhotos(3);
      await engine.source.put("zz.jpg", large);
      const batch = await engine.submit();
      expect((await engine.ended(batch)).counts).toMatchObject({ succeeded: 3, failed: 1 });
      expect((await laneOf("twin")).blocked).toBeNull();
      expect((await engine.report(batch)).at(-1)).toMatchObject({
        outcome: "provider_error",
        attempts: 5,
        billed: "no",
      });
    },
  );
});

describe("a machine without a network", () => {
  it.each([
    ["each-sense", "twin", {}],
    ["phota", "twin-phota", {}],
    ["phota", "twin-phota", { DARKROOM_PUBLIC_URL: "" }],
  ] as const)("costs no attempt at %s: lane %s, %o", TIMEOUT, async (provider, lane, env) => {
    const front = await startFront();
    await startBehind(front, { env, links: !("DARKROOM_PUBLIC_URL" in env) });
    await front.sever();
    await engine.addPhotos(PHOTOS);
    const batch = await engine.submit({ recipe: { provider, preset: "professional-polish", mode: "eco" } });
    const { reason, message } = await blockedThrough(2, lane);
    expect(reason).toBe("outage");
    expect(message).toContain("(ECONNREFUSED: it refused the connection)");
    await front.restore();
    expect((await engine.ended(batch)).counts).toMatchObject({ succeeded: PHOTOS, failed: 0 });
    expect(await attemptsOf(batch)).toEqual(ONCE);
    expect(engine.twin.ledger()).toMatchObject({ billed: PHOTOS, doubleBilled: [] });
  });

  it.each(["each-sense", "phota"] as const)(
    "never gives up a paid picture of %s, however long it cannot be fetched",
    TIMEOUT,
    async (provider) => {
      const lane = provider === "phota" ? "twin-phota" : "twin";
      const front = await startFront();
      await startBehind(front, { env: { DARKROOM_BACKOFF_BASE_MS: "10", DARKROOM_BACKOFF_CAP_MS: "50" } });
      front.hold("GET /cdn");
      await engine.addPhotos(PHOTOS);
      const batch = await engine.submit({ recipe: { provider, preset: "professional-polish", mode: "eco" } });
      // A portrait that asks for its picture has its answer, so no paid call is cut.
      await until(() => new Set(front.refused).size === PHOTOS, { what: "requests for paid pictures" });
      expect(engine.twin.ledger().billed).toBe(PHOTOS);
      front.pass();
      await front.sever();
      // At this point, more time has passed than the 120 base backoffs for which a failing link is tried.
      expect((await blockedThrough(4, lane)).reason).toBe("outage");
      expect((await engine.ledger.read(batch))?.counts).toMatchObject({ failed: 0 });
      await front.restore();
      expect((await engine.ended(batch)).counts).toMatchObject({ succeeded: PHOTOS, failed: 0 });
      expect(await attemptsOf(batch)).toEqual(ONCE);
      expect(engine.twin.ledger()).toMatchObject({ billed: PHOTOS, doubleBilled: [] });
    },
  );

  it("asks the memory of each::sense until it answers, and pays for nothing again", TIMEOUT, async () => {
    const front = await startFront();
    await startBehind(front, {
      twin: { latencyMs: 400 },
      env: { DARKROOM_DEADLINE_MS: "1000", DARKROOM_IDLE_MS: "900", DARKROOM_OUTAGE_FAILURES: "8" },
    });
    // Too few calls to count as an outage.
    const lost = 5;
    await engine.addPhotos(lost);
    const batch = await engine.submit();
    await until(() => engine.twin.stats().running === lost, { what: "all calls", everyMs: 5 });
    await front.sever();
    expect((await blockedThrough(4)).message).toContain("ECONNREFUSED");
    await front.restore();
    expect((await engine.ended(batch)).counts).toMatchObject({ succeeded: lost, failed: 0 });
    expect(engine.twin.ledger()).toMatchObject({ billed: lost, doubleBilled: [] });
    expect((await attemptsOf(batch)).filter((attempts) => attempts > 2)).toEqual([]);
  });
});
