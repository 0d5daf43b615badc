import { afterEach, describe, expect, it } from "vitest";
import { startEngine, type Engine } from "../kit/engine.ts";

let engine: Engine;
afterEach(async () => await engine.close());

const NFC = "K\u00e4the Wei\u00df.jpg";
const NFD = "Ka\u0308the Wei\u00df.jpg";

describe.each(["s3", "local"] as const)("a photo in %s whose name has decomposed accents", (store) => {
  it("matches a row with composed accents, and keeps its result", async () => {
    engine = await startEngine({ store });
    await engine.addPhotos(1, () => NFD);
    await engine.source.put("team.csv", Buffer.from(`source\n${NFC}\ngone-\u00e4.jpg\n`));
    const listed = await engine.ended(await engine.submit({ source: `${engine.root}in/team.csv` }));
    expect(listed.counts).toMatchObject({ succeeded: 1, failed: 1 });
    expect((await engine.report(listed.spec.id)).map(({ outcome, destination }) => [outcome, destination])).toEqual([
      ["ok", NFC],
      ["source_missing", "gone-\u00e4.jpg"],
    ]);
    const folder = await engine.ended(await engine.submit());
    expect(folder.counts).toMatchObject({ total: 1, skipped: 1 });
    expect(engine.twin.ledger().billed).toBe(1);
    // With `overwrite`, Darkroom replaces the result of the same photo, whichever list names the photo.
    const recipe = { preset: "skin-smoothing", mode: "eco" } as const;
    const again = await engine.ended(await engine.submit({ recipe, overwrite: "other-recipe" }));
    expect(again.counts).toMatchObject({ total: 1, succeeded: 1 });
  });
});
