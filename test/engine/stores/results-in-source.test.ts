import { afterEach, describe, expect, it } from "vitest";
import { rm } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { batchKeys, DARKROOM_FOLDER } from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import { readText, startEngine, type Engine } from "../kit/engine.ts";

let engine: Engine;
afterEach(async () => await engine.close());

async function run(source: string, destination: string): Promise<BatchRecord> {
  return await engine.ended(
    await engine.submit({ source: `${engine.root}${source}`, destination: `${engine.root}${destination}` }),
  );
}

function leftOut({ findings }: BatchRecord): Record<string, readonly string[]> {
  return Object.fromEntries((findings?.leftOut ?? []).map(({ kind, examples }) => [kind, examples]));
}

describe.each(["local", "s3"] as const)("results within a source in a store of kind %s", (store) => {
  it("are not photos, whichever batch made them, but a user may name them", async () => {
    engine = await startEngine({ store });
    await engine.addPhotos(3, (n) => (n === 0 ? "ada.jpg" : `team/${n}.jpg`));
    expect((await run("in/", "in/fertig/")).counts).toMatchObject({ total: 3, succeeded: 3 });
    const second = await run("in/", "in/fertig2/");
    expect(second.counts).toMatchObject({ total: 3, succeeded: 3 });
    expect(leftOut(second)).toEqual({ results: ["fertig/", "fertig2/"] });
    const third = await run("in/", "out/");
    expect(third.counts).toMatchObject({ total: 3, succeeded: 3 });
    expect(leftOut(third)).toEqual({ results: ["fertig/", "fertig2/"] });
    expect(engine.twin.ledger().billed).toBe(9);
    const file = await readText(engine.results, batchKeys(third.spec.id).leftOutCsv);
    expect(file).toContain("2,results,");
    expect((await run("in/fertig/", "once-more/")).counts).toMatchObject({ total: 3, succeeded: 3 });
  });

  it("are enhanced again by a user who names them, without their crops and variations", async () => {
    engine = await startEngine({ store });
    await engine.addPhotos(2, (n) => (n === 0 ? "ada.jpg" : `team/${n}.jpg`));
    const output = { deliveries: [{ name: "linkedin" as const }, { name: "website" as const }] };
    const recipe = { preset: "professional-polish", mode: "eco", output } as const;
    const first = await engine.submit({ source: `${engine.root}in/`, destination: `${engine.root}t1/`, recipe });
    expect((await engine.ended(first)).counts).toMatchObject({ total: 2, succeeded: 2 });
    const again = await run("t1/", "t2/");
    expect(again.counts).toMatchObject({ total: 2, succeeded: 2 });
    expect(leftOut(again)["results"]).toHaveLength(5);
    expect(again.sourceNote).toContain("a folder of Darkroom's results");
    expect(engine.twin.ledger().billed).toBe(4);
  });

  it("are distinguished from the photos beside them", async () => {
    engine = await startEngine({ store });
    await engine.addPhotos(2, (n) => `team/${n}.jpg`);
    await run("in/team/", "in/");
    await engine.addPhotos(1, () => "later/new.jpg");
    const all = await run("in/", "out/");
    expect(all.counts).toMatchObject({ total: 3, succeeded: 3 });
    expect(leftOut(all)).toEqual({ results: expect.arrayContaining(["0.jpg", "1.jpg"]) });
    await engine.openStore(`${engine.root}in/client/`).put("originals/a.jpg", (await photoOf("team/0.jpg")).body);
    await run("in/client/originals/", "in/client/");
    const again = await run("in/", "out2/");
    expect(again.counts.total).toBe(4);
    expect(leftOut(again)["results"]).toContain("client/a.jpg");
  });
});

async function photoOf(key: string) {
  return await engine.source.get(key);
}

it("are distinguished from another batch's photos beside them after their own batch was cleaned", async () => {
  engine = await startEngine();
  await engine.addPhotos(2);
  const mix = engine.openStore(`${engine.root}mix/`);
  const { spec } = await run("in/", "mix/");
  const photo = await buffer((await photoOf("p00000.jpg")).body);
  await mix.put("raw/raw.jpg", photo);
  const template = "pro-{name}.{ext}";
  const second = await engine.submit({ source: `${mix.url}raw/`, destination: mix.url, template });
  expect((await engine.ended(second)).counts).toMatchObject({ total: 1, succeeded: 1 });
  expect((await run("mix/", "before/")).counts.total).toBe(1);
  const cleaned = await fetch(`${engine.api.url}/v1/batches/${spec.id}?report=delete`, { method: "DELETE" });
  expect(cleaned.status).toBe(200);
  expect((await run("mix/", "after/")).counts.total).toBe(1);
});

it("are recognized in a local folder after its batches' files were deleted", async () => {
  engine = await startEngine();
  await engine.addPhotos(2);
  await run("in/", "in/fertig/");
  await rm(fileURLToPath(`${engine.root}in/fertig/${DARKROOM_FOLDER}`), { recursive: true });
  const second = await run("in/", "out/");
  expect(second.counts.total).toBe(2);
  expect(leftOut(second)).toEqual({ results: ["fertig/p00000.jpg", "fertig/p00001.jpg"] });
});
