import { once } from "node:events";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Submission } from "@darkroom/core";
import { until } from "@darkroom/testkit";
import { startEngine } from "../kit/engine.ts";
import { startFailingCdn } from "../kit/failing-cdn.ts";
import { postTo } from "../kit/post-to.ts";

const RECIPE: Submission["recipe"] = {
  provider: "phota",
  preset: "professional-polish",
  output: { variations: 2 },
};

/** Orders a portrait of two pictures, of which the second cannot be fetched. */
async function orderTwo(env: Readonly<Record<string, string>> = {}, workers = 1) {
  const cdn = await startFailingCdn();
  onTestFinished(() => cdn.close());
  const engine = await startEngine({ phota: true, workers, env: { PHOTA_BASE_URL: cdn.url, ...env } });
  onTestFinished(() => engine.close());
  cdn.passTo(engine.twin.url);
  await engine.addPhotos(1, () => "anna.jpg");
  return { cdn, engine, batch: await engine.submit({ recipe: RECIPE }) };
}

describe("a paid variation whose link fails", () => {
  it("is awaited like the main picture, and nothing is paid again", { timeout: 90_000 }, async () => {
    const { cdn, engine, batch } = await orderTwo();
    // More downloads than one run of the portrait attempts.
    await until(async () => cdn.refused() > 3 || (await engine.ledger.read(batch))?.endedAt !== undefined, {
      what: "the variation to be asked for again by another run",
      timeoutMs: 30_000,
    });
    cdn.recover();
    await engine.ended(batch);
    const [line] = await engine.report(batch);
    expect(line).toMatchObject({ outcome: "ok", billed: "yes", attempts: 1, variations: ["anna-2.jpg"], warnings: [] });
    for (const key of ["anna.jpg", "anna-2.jpg"]) expect(await engine.results.head(key)).toBeDefined();
    const { billed, calls } = engine.twin.ledger();
    expect([billed, Object.values(calls).flat().length]).toEqual([1, 1]);
  });

  it("is given up after that time, and the main picture is the result", { timeout: 90_000 }, async () => {
    // The wait is 120 times this.
    const { cdn, engine, batch } = await orderTwo({ DARKROOM_BACKOFF_BASE_MS: "50", DARKROOM_BACKOFF_CAP_MS: "200" });
    await engine.ended(batch);
    const [line] = await engine.report(batch);
    expect(line).toMatchObject({
      outcome: "ok",
      billed: "yes",
      variations: [],
      warnings: [expect.stringMatching(/^picture 2 was not stored: .*HTTP 503/) as string],
    });
    expect(cdn.refused()).toBeGreaterThan(3);
    expect(await engine.results.head("anna.jpg")).toBeDefined();
    expect(engine.twin.ledger().billed).toBe(1);
  });

  it("is awaited with the main picture stored, whose link may die meanwhile", { timeout: 90_000 }, async () => {
    const { cdn, engine, batch } = await orderTwo();
    const asked = (times: number) =>
      until(async () => cdn.refused() >= times || (await engine.ledger.read(batch))?.endedAt !== undefined, {
        what: "the variation to be asked for",
        timeoutMs: 30_000,
      });
    await asked(1);
    cdn.loseMain();
    await asked(8);
    cdn.recover();
    await engine.ended(batch);
    const [line] = await engine.report(batch);
    expect(line).toMatchObject({ outcome: "ok", billed: "yes", attempts: 1, variations: ["anna-2.jpg"], warnings: [] });
    for (const key of ["anna.jpg", "anna-2.jpg"]) expect(await engine.results.head(key)).toBeDefined();
    expect(engine.twin.ledger().billed).toBe(1);
  });

  it("is fetched by another worker when its own is killed", { timeout: 90_000 }, async () => {
    const { cdn, engine, batch } = await orderTwo({}, 0);
    const first = await engine.spawnWorker();
    await until(() => cdn.refused() > 0, { what: "the variation to be asked for", timeoutMs: 30_000 });
    const gone = once(first, "exit");
    first.kill("SIGKILL");
    await gone;
    expect(await engine.results.head("anna.jpg")).toBeDefined();
    cdn.loseMain();
    cdn.recover();
    await engine.spawnWorker();
    await engine.ended(batch);
    const [line] = await engine.report(batch);
    expect(line).toMatchObject({ outcome: "ok", billed: "yes", variations: ["anna-2.jpg"], warnings: [] });
    expect(await engine.results.head("anna-2.jpg")).toBeDefined();
    expect(engine.twin.ledger().billed).toBe(1);
  });

  it("does not discard the main picture when the batch is cancelled", { timeout: 90_000 }, async () => {
    const { cdn, engine, batch } = await orderTwo();
    await until(() => cdn.refused() > 0, { what: "the variation to be asked for", timeoutMs: 30_000 });
    await postTo(engine, `/batches/${batch}/cancel`);
    await engine.ended(batch);
    expect((await engine.report(batch))[0]).toMatchObject({ outcome: "cancelled_in_flight", billed: "yes" });
    expect(await engine.results.head("anna.jpg")).toBeDefined();
    await postTo(engine, `/batches/${batch}/retry`);
    await engine.ended(batch);
    expect((await engine.report(batch)).at(-1)).toMatchObject({
      outcome: "ok",
      variations: [],
      warnings: ["the destination has 1 of the 2 ordered pictures"],
    });
    const { billed, calls } = engine.twin.ledger();
    expect([billed, Object.values(calls).flat().length]).toEqual([1, 1]);
  });
});
