import { afterEach, describe, expect, it } from "vitest";
import { type Submission } from "@darkroom/core";
import { startEngine, type Engine } from "../kit/engine.ts";
import { postTo } from "../kit/post-to.ts";

const hasS3 = process.env["DARKROOM_TEST_S3"] !== "off";
if (!hasS3) console.warn("DARKROOM_TEST_S3 is off: results under other names are not looked for on S3");

const RECIPE = { preset: "professional-polish", mode: "eco", output: { format: "jpeg" } } as const;
const BY_EXT = { recipe: RECIPE, template: "{path}-{ext}" };

let engine: Engine;
afterEach(() => engine.close());

async function run(overrides: Partial<Submission>) {
  const batch = await engine.submit(overrides);
  const { counts, failures } = await engine.ended(batch);
  return { counts, failures, lines: await engine.report(batch) };
}

describe.each(hasS3 ? (["local", "s3"] as const) : (["local"] as const))("on %s, a template", (store) => {
  it("that keeps colliding names apart pays only for the photo that collided", async () => {
    engine = await startEngine({ store });
    const names = ["IMG_1.jpg", "IMG_1.png", "IMG_2.jpg"];
    await engine.addPhotos(names.length, (index) => names[index] ?? "");
    const first = await run({ recipe: RECIPE });
    expect(first).toMatchObject({ counts: { succeeded: 2 }, failures: { invalid_row: 1 } });
    const order = { source: `${engine.root}in/`, destination: `${engine.root}out/` };
    const quote = await postTo(engine, "/quotes", { ...order, ...BY_EXT });
    expect(quote).toMatchObject({ goodRows: 3, sample: { alreadyDelivered: 2 } });
    const second = await run(BY_EXT);
    expect(second.lines.map(({ source, outcome, destination }) => [source, outcome, destination])).toEqual([
      ["IMG_1.jpg", "already_delivered", "IMG_1-jpg.jpg"],
      ["IMG_1.png", "ok", "IMG_1-png.jpg"],
      ["IMG_2.jpg", "already_delivered", "IMG_2-jpg.jpg"],
    ]);
    expect(engine.twin.ledger().billed).toBe(3);
    const [plain, copied] = await Promise.all(["IMG_1.jpg", "IMG_1-jpg.jpg"].map((key) => engine.results.head(key)));
    expect(copied?.etag).toBe(plain?.etag);
    expect(copied?.metadata).toEqual(plain?.metadata);
  });

  it("copies no result of another recipe, and no cut", async () => {
    engine = await startEngine({ store });
    await engine.addPhotos(1, () => "a.jpg");
    const deliveries = [{ name: "linkedin" as const }];
    await run({ recipe: { ...RECIPE, output: { ...RECIPE.output, deliveries } } });
    const other = await run({ template: "{path}-{ext}", recipe: { preset: "professional-polish", mode: "max" } });
    expect(other.lines).toMatchObject([{ outcome: "ok", destination: "a-jpg.jpg" }]);
    const { body } = await engine.source.get("a.jpg");
    await engine.source.put("linkedin/a.jpg", Buffer.concat((await body.toArray()) as Buffer[]));
    const { lines } = await run({ ...BY_EXT, include: ["linkedin/*"] });
    expect(lines).toMatchObject([{ outcome: "ok", source: "linkedin/a.jpg" }]);
  });
});
