import { readFile } from "node:fs/promises";
import sharp, { type Sharp } from "sharp";
import { afterEach, describe, expect, it } from "vitest";
import { PHOTO_WARNINGS } from "@darkroom/core";
import { startEngine, type Engine, type EngineOptions } from "../kit/engine.ts";

const EXAMPLES = new URL("../../../examples/photos/", import.meta.url);
const [grace, eileen, phone] = await Promise.all(
  ["grace_hopper.jpg", "astronaut.png", "astronaut-512.heic"].map(
    async (name) => await readFile(new URL(name, EXAMPLES)),
  ),
);

/** Models need CPU, of which a busy machine has little. */
const PATIENCE_MS = 300_000;

let engine: Engine;
afterEach(async () => await engine.close());

const onFaces = async (options: EngineOptions = {}): Promise<Engine> =>
  (engine = await startEngine({ ...options, env: { DARKROOM_FACES: "on", ...options.env } }));

async function put(name: string, picture: Buffer | Sharp | undefined): Promise<void> {
  await engine.source.put(name, Buffer.isBuffer(picture) ? picture : ((await picture?.toBuffer()) ?? Buffer.alloc(0)));
}

const empty = (): Sharp => sharp({ create: { width: 640, height: 800, channels: 3, background: "#8a9aa8" } });
/** A uniform whose head is outside of the picture. */
const headless = (): Sharp => sharp(grace).extract({ left: 0, top: 345, width: 512, height: 255 });

async function lines(batchId: string): Promise<Readonly<Record<string, readonly unknown[]>>> {
  const report = await engine.report(batchId);
  return Object.fromEntries(report.map(({ id, outcome, billed, warnings }) => [id, [outcome, billed, warnings]]));
}

describe("a photo before its first call", { timeout: PATIENCE_MS }, () => {
  it.each(["each-sense", "phota"] as const)("never sends a photo without a face to %s", async (provider) => {
    await onFaces({ phota: true });
    await put("empty.jpg", empty().jpeg());
    // Converted for each::sense, which does not accept WebP.
    await put("headless.webp", headless().webp());
    await put("phone.heic", phone);
    await put("turned.jpg", sharp(grace).rotate(90).jpeg());
    const recipe =
      provider === "phota"
        ? ({ provider, preset: "professional-polish" } as const)
        : ({ preset: "professional-polish", mode: "eco" } as const);
    const { counts, failures, spec } = await engine.ended(await engine.submit({ recipe }), PATIENCE_MS);
    expect([counts.succeeded, failures]).toEqual([2, { no_face: 2 }]);
    expect(await lines(spec.id)).toEqual({
      "empty.jpg": ["no_face", "no", []],
      "headless.webp": ["no_face", "no", []],
      "phone.heic": ["ok", "yes", []],
      "turned.jpg": ["ok", "yes", [PHOTO_WARNINGS.turned]],
    });
    expect([engine.twin.ledger().billed, engine.twin.stats().calls]).toEqual([2, 2]);
  });

  it("reports what may spoil a result, and pays for it", async () => {
    await onFaces();
    const small = await sharp(grace).resize(300).toBuffer();
    const [left, right] = await Promise.all([
      sharp(grace).resize(400).toBuffer(),
      sharp(eileen).resize(400).toBuffer(),
    ]);
    await put("clear.jpg", grace);
    await put("dark.jpg", sharp(grace).linear(0.1, 0).jpeg());
    await put("blurred.jpg", sharp(grace).blur(8).jpeg());
    await put("cut.jpg", sharp(grace).extract({ left: 250, top: 0, width: 262, height: 600 }).jpeg());
    await put(
      "far.jpg",
      empty()
        .resize(2_000, 2_500, { fit: "fill" })
        .composite([{ input: small, left: 900, top: 700 }])
        .jpeg(),
    );
    const two = sharp({ create: { width: 1_000, height: 640, channels: 3, background: "#8a9aa8" } });
    await put(
      "two.jpg",
      two
        .composite([
          { input: left, left: 40, top: 80 },
          { input: right, left: 540, top: 80 },
        ])
        .jpeg(),
    );
    const { counts, spec } = await engine.ended(await engine.submit(), PATIENCE_MS);
    expect(counts.succeeded).toBe(6);
    expect(await lines(spec.id)).toEqual({
      "clear.jpg": ["ok", "yes", []],
      "dark.jpg": ["ok", "yes", [PHOTO_WARNINGS.dark_face]],
      "blurred.jpg": ["ok", "yes", [PHOTO_WARNINGS.blurred_face]],
      "cut.jpg": ["ok", "yes", [PHOTO_WARNINGS.cut_face]],
      "far.jpg": ["ok", "yes", [PHOTO_WARNINGS.tiny_face]],
      "two.jpg": ["ok", "yes", [PHOTO_WARNINGS.several_faces]],
    });
  });

  it("pays for a photo without a face if the batch only warns, and reports nothing if faces are off", async () => {
    await onFaces();
    await put("empty.jpg", empty().jpeg());
    const withFaces = (faces: "warn" | "off") =>
      engine.submit({
        destination: `${engine.root}${faces}/`,
        recipe: { preset: "professional-polish", mode: "eco", faces },
      });
    for (const [faces, warnings] of [
      ["warn", [PHOTO_WARNINGS.no_face]],
      ["off", []],
    ] as const) {
      const { counts, spec } = await engine.ended(await withFaces(faces), PATIENCE_MS);
      expect(counts.succeeded).toBe(1);
      const text = await engine.openStore(`${engine.root}${faces}/`).get(`_darkroom/${spec.id}/report.jsonl`);
      const line = JSON.parse(Buffer.concat(await text.body.toArray()).toString()) as { readonly warnings: unknown };
      expect(line.warnings).toEqual(warnings);
    }
  });

  it("keeps the warnings of a photo whose first call failed, and does not repeat them", async () => {
    await onFaces({ twin: { faults: [{ match: { call: 1 }, fault: { kind: "http", status: 503 } }] } });
    await put("dark.jpg", sharp(grace).linear(0.1, 0).jpeg());
    const { spec } = await engine.ended(await engine.submit(), PATIENCE_MS);
    expect(await lines(spec.id)).toEqual({ "dark.jpg": ["ok", "yes", [PHOTO_WARNINGS.dark_face]] });
    expect(engine.twin.ledger().billed).toBe(1);
  });

  it("reports the faces of a quote, without a provider call", async () => {
    await onFaces();
    await put("empty.jpg", empty().jpeg());
    const submission = {
      source: `${engine.root}in/`,
      destination: `${engine.root}out/`,
      recipe: { preset: "professional-polish", mode: "eco" },
    };
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${engine.api.url}/v1/quotes`, {
      method: "POST",
      headers,
      body: JSON.stringify(submission),
    });
    const { sample } = (await answer.json()) as { readonly sample: unknown };
    expect(sample).toMatchObject({
      faces: { looked: 1, none: 1, noneExamples: [{ source: "empty.jpg" }], samePerson: 0 },
    });
    expect(engine.twin.stats().calls).toBe(0);
  });
});
