import sharp from "sharp";
import { afterEach, expect, it } from "vitest";
import { batchKeys, type ObjectStore, type ProviderName, type Submission } from "@darkroom/core";
import { AWKWARD_PICTURES, seenSize, type Fate } from "@darkroom/imaging/test-pictures";
import { startEngine, type Engine } from "../kit/engine.ts";

let engine: Engine;
afterEach(async () => await engine.close());

/** The providers that the simulator supports. */
const PLAYED = ["each-sense", "phota"] as const satisfies readonly ProviderName[];

const RECIPES: Readonly<Record<(typeof PLAYED)[number], Submission["recipe"]>> = {
  "each-sense": { preset: "professional-polish", mode: "eco" },
  phota: { provider: "phota", preset: "professional-polish" },
};

const outcomeOf = (fate: Fate): string =>
  fate.kind === "refuse" ? fate.code : fate.kind === "broken" ? "invalid_image" : "ok";

async function bytesOf(store: ObjectStore, key: string): Promise<Buffer> {
  const { body } = await store.get(key);
  return Buffer.concat(await body.toArray());
}

async function keysUnder(store: ObjectStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list({ prefix })) keys.push(key);
  return keys;
}

/** Each provider's maximum side length, to which larger pictures are scaled. */
const LARGEST_SIDE_PX = { "each-sense": 8_192, phota: 4_096 } as const;

it.each(PLAYED)(
  "%s: every awkward picture ends with the right code or a right result",
  async (provider) => {
    engine = await startEngine({ phota: provider === "phota", env: { DARKROOM_BREAKER: "false" } });
    for (const { name, make } of AWKWARD_PICTURES) await engine.source.put(name, await make());
    const record = await engine.ended(await engine.submit({ recipe: RECIPES[provider] }), 240_000);
    const lines = await engine.report(record.spec.id);
    const seen = Object.fromEntries(lines.map(({ id, outcome }) => [id, outcome]));
    expect(seen).toEqual(Object.fromEntries(AWKWARD_PICTURES.map(({ name, fate }) => [name, outcomeOf(fate)])));
    for (const { name, fate } of AWKWARD_PICTURES) {
      const line = lines.find(({ id }) => id === name);
      if (outcomeOf(fate) !== "ok") {
        expect(line, name).toMatchObject({ billed: "no", attempts: 0, message: expect.stringMatching(/\w/) as string });
        continue;
      }
      const { width, height } = await sharp(await bytesOf(engine.results, String(line?.["destination"]))).metadata();
      const seen = seenSize(fate);
      const scale = Math.min(1, LARGEST_SIDE_PX[provider] / seen.width);
      const wished = { width: Math.round(seen.width * scale), height: Math.round(seen.height * scale) };
      expect({ name, width, height }).toEqual({ name, ...wished });
    }
    const good = AWKWARD_PICTURES.filter(({ fate }) => outcomeOf(fate) === "ok").length;
    expect(good).toBeGreaterThan(30);
    expect(engine.twin.ledger().billed).toBe(good);
    expect(await keysUnder(engine.results, batchKeys(record.spec.id).inputsPrefix)).toEqual([]);
  },
  300_000,
);
