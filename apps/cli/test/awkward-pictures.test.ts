import sharp from "sharp";
import { afterEach, expect, it } from "vitest";
import { batchKeys, type ObjectStore } from "@darkroom/core";
import { AWKWARD_PICTURES, seenSize, type Fate } from "@darkroom/imaging/test-pictures";
import { startEngine, type Engine } from "./engine.ts";

let engine: Engine;
afterEach(async () => await engine.close());

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

it("takes every awkward picture to the right code or a right result, and pays for no broken one", async () => {
  engine = await startEngine({ env: { DARKROOM_BREAKER: "false" } });
  for (const { name, make } of AWKWARD_PICTURES) await engine.source.put(name, await make());
  const record = await engine.ended(await engine.submit(), 240_000);
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
    expect({ name, width, height }).toEqual({ name, ...seenSize(fate) });
  }
  const good = AWKWARD_PICTURES.filter(({ fate }) => outcomeOf(fate) === "ok").length;
  expect(good).toBeGreaterThan(30);
  expect(engine.twin.ledger().billed).toBe(good);
  expect(await keysUnder(engine.results, batchKeys(record.spec.id).inputsPrefix)).toEqual([]);
}, 300_000);
