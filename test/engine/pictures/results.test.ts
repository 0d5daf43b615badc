import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import sharp from "sharp";
import { afterEach, describe, expect, it } from "vitest";
import type { ObjectStore } from "@darkroom/core";
import { startEngine, type Engine } from "../kit/engine.ts";

let engine: Engine;
afterEach(async () => await engine.close());

const hopper = await readFile(new URL("../../../examples/photos/grace_hopper.jpg", import.meta.url));
/** A photo as written by a camera: rotated, with a profile, its author, and the place. */
const fromCamera = await sharp(hopper)
  .rotate(90)
  .withIccProfile("srgb")
  .withExif({
    IFD0: { Copyright: "2026 Ada Lens", Artist: "Ada Lens" },
    IFD2: { DateTimeOriginal: "2026:03:04 10:11:12", BodySerialNumber: "SN-12345678" },
    IFD3: { GPSLatitudeRef: "N", GPSLatitude: "52/1 30/1 0/1" },
  })
  .withMetadata({ orientation: 8 })
  .jpeg({ quality: 95 })
  .toBuffer();

async function picture(store: ObjectStore, key: string) {
  const bytes = await buffer((await store.get(key)).body);
  return { bytes, ...(await sharp(bytes).metadata()) };
}

describe("a result", () => {
  it("keeps its source's rights, time and profile, and neither its place nor a serial number", async () => {
    engine = await startEngine({ twin: { work: "full" } });
    await engine.source.put("team/ada.jpg", fromCamera);
    const [line] = await engine.report((await engine.ended(await engine.submit())).spec.id);
    expect(line).toMatchObject({ outcome: "ok", warnings: [] });
    expect(line?.["distance"]).toBeGreaterThan(0.005);
    expect(line?.["distance"]).toBeLessThan(0.2);
    const result = await picture(engine.results, "team/ada.jpg");
    expect([result.width, result.height, result.orientation ?? 1]).toEqual([512, 600, 1]);
    expect(result.icc).toEqual((await sharp(fromCamera).metadata()).icc);
    const text = result.bytes.toString("latin1");
    expect(text).toContain("2026 Ada Lens");
    expect(text).toContain("2026:03:04 10:11:12");
    expect(text).not.toContain("SN-12345678");
    expect(fromCamera.toString("latin1")).toContain("SN-12345678");
    expect(result.exif?.includes(Buffer.from([0x25, 0x88]))).toBe(false);
  });

  it.each([
    ["unchanged", "unchanged_output"],
    ["unchanged_reencoded", "unchanged_output"],
    ["blank", "blank_output"],
    ["corrupt", "corrupt_output"],
  ] as const)("that the provider returns %s ends as %s, was paid, and is not stored", async (output, code) => {
    engine = await startEngine({ twin: { faults: [{ match: {}, fault: { kind: "bad_output", output } }] } });
    await engine.source.put("ada.jpg", hopper);
    const [line] = await engine.report((await engine.ended(await engine.submit())).spec.id);
    expect(line).toMatchObject({ state: "failed", outcome: code, billed: "yes", retryable: true });
    expect(await engine.results.head("ada.jpg")).toBeUndefined();
    expect(engine.twin.ledger().billed).toBe(1);
  });
});

describe.each(["urls", "bytes"])("variations that arrive as %s", (responseMode) => {
  it("are stored beside the main picture, each checked and marked, and missed profiles are named", async () => {
    engine = await startEngine({
      phota: true,
      env: { PHOTA_RESPONSE_MODE: responseMode },
      twin: { profiles: ["anna", "ben"], faults: [{ match: { portrait: "ben" }, fault: "unrecognised" }] },
    });
    await engine.source.put("anna.jpg", fromCamera);
    await engine.source.put("ben.jpg", hopper);
    const rows = [
      { source: "anna.jpg", profile_ids: "anna" },
      { source: "ben.jpg", profile_ids: "ben" },
    ];
    const recipe = {
      provider: "phota" as const,
      preset: "professional-polish" as const,
      output: { variations: 3, deliveries: [{ name: "resume" as const }] },
    };
    const batch = await engine.submit({ rows, baseUrl: `${engine.root}in/`, recipe });
    await engine.ended(batch);
    const [anna, ben] = await engine.report(batch);
    expect(anna).toMatchObject({
      outcome: "ok",
      variations: ["anna-2.jpg", "anna-3.jpg"],
      deliveries: ["resume/anna.jpg"],
      knownSubjects: { anna: 3 },
      warnings: [],
    });
    expect(ben).toMatchObject({ outcome: "ok", warnings: ["the profile ben was not recognized in the result"] });
    const keys = ["anna.jpg", "anna-2.jpg", "anna-3.jpg"];
    const pictures = await Promise.all(keys.map((key) => picture(engine.results, key)));
    for (const { bytes, width, height } of pictures) {
      expect([width, height]).toEqual([512, 600]);
      expect(bytes.includes("2026 Ada Lens")).toBe(true);
      expect(bytes.includes("SN-12345678")).toBe(false);
    }
    expect(new Set(pictures.map(({ bytes }) => bytes.toString("base64"))).size).toBe(3);
    const heads = await Promise.all(keys.map((key) => engine.results.head(key)));
    expect(heads.map((head) => head?.metadata["darkroom-part"])).toEqual([undefined, "variation-2", "variation-3"]);
    expect(new Set(heads.map((head) => head?.metadata["darkroom-fingerprint"])).size).toBe(1);
    // When ordered again, all results exist and nothing is paid.
    const { billed } = engine.twin.ledger();
    const again = await engine.submit({ rows, baseUrl: `${engine.root}in/`, recipe });
    await engine.ended(again);
    expect((await engine.report(again))[0]).toMatchObject({
      outcome: "already_delivered",
      variations: ["anna-2.jpg", "anna-3.jpg"],
      deliveries: ["resume/anna.jpg"],
    });
    expect(engine.twin.ledger().billed).toBe(billed);
  });
});

describe("deliveries", () => {
  it("are cut from the result, named by their template, and listed in outcome and report", async () => {
    engine = await startEngine({ twin: { work: "full" } });
    await engine.source.put("team/ada.jpg", fromCamera);
    const recipe = {
      preset: "professional-polish",
      mode: "eco",
      output: {
        deliveries: [
          { name: "signature" },
          { name: "team-page", format: "webp" },
          { name: "resume", format: "png", template: "cuts/{name}-{delivery}.{ext}" },
        ],
      },
    } as const;
    const record = await engine.ended(
      await engine.submit({ recipe: { ...recipe, output: { deliveries: [...recipe.output.deliveries] } } }),
    );
    const [line] = await engine.report(record.spec.id);
    const keys = ["signature/team/ada.jpg", "team-page/team/ada.webp", "cuts/ada-resume.png"];
    expect(line).toMatchObject({ outcome: "ok", deliveries: keys });
    expect(line?.["warnings"]).toEqual([]);
    const cuts = await Promise.all(keys.map((key) => picture(engine.results, key)));
    expect(cuts.map(({ format, width, height }) => [format, width, height])).toEqual([
      ["jpeg", 150, 150],
      ["webp", 500, 500],
      ["png", 300, 300],
    ]);
    const main = await engine.results.head("team/ada.jpg");
    for (const [place, key] of keys.entries()) {
      expect(cuts[place]?.bytes.includes("2026 Ada Lens")).toBe(true);
      expect(cuts[place]?.bytes.includes("2026:03:04")).toBe(false);
      const head = await engine.results.head(key);
      expect(head?.metadata["darkroom-fingerprint"]).toBe(main?.metadata["darkroom-fingerprint"]);
      expect(head?.metadata["darkroom-part"]).toBe(["signature", "team-page", "resume"][place]);
    }
    expect(main?.metadata["darkroom-part"]).toBeUndefined();
  });

  it("that are ordered later are cut from the stored result, and nothing is paid", async () => {
    engine = await startEngine();
    await engine.source.put("ada.jpg", hopper);
    await engine.source.put("bob.jpg", Buffer.concat([hopper, Buffer.from("#bob")]));
    const recipe = { preset: "professional-polish", mode: "eco" } as const;
    await engine.ended(await engine.submit({ recipe }));
    expect(engine.twin.ledger().billed).toBe(2);
    const wished = { ...recipe, output: { deliveries: [{ name: "resume" as const }, { name: "team-page" as const }] } };
    for (const round of [1, 2]) {
      const record = await engine.ended(await engine.submit({ recipe: wished }));
      expect(record.counts, `round ${round}`).toMatchObject({ total: 2, skipped: 2 });
      const lines = await engine.report(record.spec.id);
      expect(lines.map(({ id, deliveries }) => [id, deliveries])).toEqual([
        ["ada.jpg", ["resume/ada.jpg", "team-page/ada.jpg"]],
        ["bob.jpg", ["resume/bob.jpg", "team-page/bob.jpg"]],
      ]);
    }
    expect(await picture(engine.results, "team-page/bob.jpg")).toMatchObject({ width: 500, height: 500 });
    expect(engine.twin.ledger().billed).toBe(2);
    // If a user deletes a cut, the next run creates it again.
    await engine.results.delete("resume/ada.jpg");
    await engine.ended(await engine.submit({ recipe: wished }));
    expect(await engine.results.head("resume/ada.jpg")).toBeDefined();
    expect(engine.twin.ledger().billed).toBe(2);
  });

  it("that cannot be stored are reported beside the main picture, and the next run makes them if it can", async () => {
    engine = await startEngine();
    await engine.source.put("ada.jpg", hopper);
    // A file at the path of the cuts' folder.
    await engine.results.put("resume", Buffer.from("in the way"));
    const output = { deliveries: [{ name: "resume" as const }] };
    const submission = { recipe: { preset: "professional-polish", mode: "eco", output } } as const;
    const first = await engine.ended(await engine.submit(submission));
    expect((await engine.report(first.spec.id))[0]).toMatchObject({
      outcome: "ok",
      destination: "ada.jpg",
      deliveries: [],
      warnings: [
        expect.stringMatching(/^resume was not stored: .*a file is in the place of a folder that it needs/) as string,
      ],
    });
    expect(await engine.results.head("ada.jpg")).toBeDefined();
    await engine.results.delete("resume");
    const next = await engine.ended(await engine.submit(submission));
    expect((await engine.report(next.spec.id))[0]).toMatchObject({
      outcome: "already_delivered",
      deliveries: ["resume/ada.jpg"],
    });
    expect(engine.twin.ledger().billed).toBe(1);
  });

  it("never overwrite another portrait's result: such a row is rejected before anything is paid", async () => {
    engine = await startEngine();
    const recipe = {
      preset: "professional-polish",
      mode: "eco",
      output: { deliveries: [{ name: "resume", template: "{path}-small.{ext}" }] },
    } as const;
    await engine.source.put("ada.jpg", hopper);
    await engine.source.put("ada-small.jpg", Buffer.concat([hopper, Buffer.from("#small")]));
    const record = await engine.ended(
      await engine.submit({ recipe: { ...recipe, output: { deliveries: [...recipe.output.deliveries] } } }),
    );
    expect(record.failures).toEqual({ invalid_row: 1 });
    expect(engine.twin.ledger().billed).toBe(1);
    const lines = await engine.report(record.spec.id);
    expect(lines.map(({ id, outcome }) => [id, outcome])).toEqual([
      ["ada-small.jpg", "ok"],
      ["ada.jpg", "invalid_row"],
    ]);
  });
});
