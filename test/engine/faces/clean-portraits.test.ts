import { globSync } from "node:fs";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { afterEach, expect, it } from "vitest";
import type { RecipeInput } from "@darkroom/core";
import { startEngine, type Engine } from "../kit/engine.ts";

const TEAM = globSync(fileURLToPath(new URL("../../../examples/team/*/*", import.meta.url))).toSorted();
/** A person may ask for more. */
const PORTRAITS = Number(process.env["DARKROOM_TEST_CLEAN_PORTRAITS"] ?? 5);
/** Time for one portrait on a busy machine. */
const PORTRAIT_MS = 6_000;

const RECIPES: readonly RecipeInput[] = [
  { preset: "professional-polish", mode: "eco" },
  { preset: "lighting-adjustment", mode: "eco", intensity: "dramatic" },
  { preset: "skin-smoothing", mode: "eco", intensity: "moderate" },
  { preset: "age-reduction", mode: "eco", intensity: "dramatic" },
  { preset: "makeup-enhancement", mode: "eco", intensity: "moderate" },
];

let engine: Engine;
afterEach(async () => await engine.close());

/** Takes another photo of a member of the team: in other light, closer, smaller, and encoded differently. */
async function photoOf(index: number): Promise<Buffer> {
  const path = TEAM[index % TEAM.length] ?? "";
  const take = Math.floor(index / TEAM.length);
  const upright = await sharp(path).autoOrient().toBuffer({ resolveWithObject: true });
  const { width, height } = upright.info;
  const cut = 1 - 0.01 * (take % 7);
  return await sharp(upright.data)
    .extract({
      left: Math.round(((1 - cut) * width) / 2),
      top: 0,
      width: Math.round(cut * width),
      height: Math.round(cut * height),
    })
    .resize({ width: Math.round(width * (0.8 + 0.1 * (take % 5))) })
    .modulate({ brightness: 0.85 + 0.06 * (take % 6), saturation: 0.9 + 0.05 * (take % 4) })
    .jpeg({ quality: 70 + 3 * (take % 9) })
    .toBuffer();
}

it(
  `finds nothing at ${PORTRAITS} faces that were enhanced and nothing else`,
  {
    timeout: 60_000 + PORTRAITS * PORTRAIT_MS,
  },
  async () => {
    engine = await startEngine({
      twin: { work: "full" },
      env: { DARKROOM_FACES: "on", DARKROOM_LANE_CONCURRENCY: "4" },
    });
    const each = Math.ceil(PORTRAITS / RECIPES.length);
    const likenesses: number[] = [];
    const alarms: unknown[] = [];
    let compared = 0;
    for (const [place, recipe] of RECIPES.entries()) {
      for (let index = place * each; index < (place + 1) * each; index += 1) {
        const key = `${place}/${index}.jpg`;
        await engine.source.put(key, await photoOf(index), { contentType: "image/jpeg" });
      }
      const batch = await engine.submit({
        source: `${engine.root}in/${place}/`,
        destination: `${engine.root}out/${place}/`,
        recipe,
      });
      const record = await engine.ended(batch, 30_000 + each * PORTRAIT_MS);
      expect(record.counts).toMatchObject({ succeeded: each });
      expect(record.likeness).toMatchObject({ review: 0, findings: {}, tone: null });
      compared += record.likeness?.compared ?? 0;
      likenesses.push(record.likeness?.least ?? 0, record.likeness?.median ?? 0);
    }
    expect(alarms).toEqual([]);
    expect(compared).toBe(each * RECIPES.length);
    expect(Math.min(...likenesses)).toBeGreaterThan(80);
  },
);
