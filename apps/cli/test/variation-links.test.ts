import { describe, expect, it, onTestFinished } from "vitest";
import type { Submission } from "@darkroom/core";
import { until } from "@darkroom/testkit";
import { startEngine } from "./engine.ts";
import { startFailingCdn } from "./failing-cdn.ts";

const RECIPE: Submission["recipe"] = {
  provider: "phota",
  preset: "professional-polish",
  output: { variations: 2 },
};

/** A paid portrait of two pictures, of which the second cannot be fetched. */
async function orderTwo(env: Readonly<Record<string, string>> = {}) {
  const cdn = await startFailingCdn();
  onTestFinished(() => cdn.close());
  const engine = await startEngine({ phota: true, env: { PHOTA_BASE_URL: cdn.url, ...env } });
  onTestFinished(() => engine.close());
  cdn.passTo(engine.twin.url);
  await engine.addPhotos(1, () => "anna.jpg");
  return { cdn, engine, batch: await engine.submit({ recipe: RECIPE }) };
}

describe("a paid variation whose link fails", () => {
  it("is waited for, as the main picture is, and nothing is paid again", { timeout: 90_000 }, async () => {
    const { cdn, engine, batch } = await orderTwo();
    // Longer than one run of the portrait tries.
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

  it("holds the main picture up for no longer than that", { timeout: 90_000 }, async () => {
    // 120 times as long is waited for.
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
});
