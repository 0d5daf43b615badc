import { buffer } from "node:stream/consumers";
import { parseMetadata } from "@uswriting/exiftool";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ReportLine } from "../kit/engine.ts";
import { startEngine, type Engine } from "../kit/engine.ts";

const MADE_WITH_AI = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia";

/** Reads a stored picture with a reader that is not ours. */
async function tagsOf(engine: Engine, key: string): Promise<Readonly<Record<string, unknown>>> {
  const bytes = new Uint8Array(await buffer((await engine.results.get(key)).body));
  const read = await parseMetadata(new File([bytes], key.replaceAll("/", "-")), {
    args: ["-json", "-n", "-u", "-XMP-iptcExt:DigitalSourceType", "-JUMBF:all", "-GPS:all"],
  });
  if (!read.success) throw new Error(read.error);
  const [tags] = JSON.parse(read.data) as Record<string, unknown>[];
  if (tags === undefined) throw new Error("exiftool read no tags");
  return tags;
}

describe.each(["each-sense", "phota"] as const)("the marks of AI in results of %s", (provider) => {
  let engine: Engine;
  let lines: ReadonlyMap<string, ReportLine>;
  beforeAll(async () => {
    engine = await startEngine({ phota: true, twin: { faults: [{ match: { portrait: "signed" }, fault: "c2pa" }] } });
    await engine.addPhotos(1, () => "signed.jpg");
    await engine.addPhotos(1, () => "plain.jpg");
    const deliveries = [
      { name: "linkedin", format: "jpeg" },
      { name: "website", format: "png" },
      { name: "resume", format: "webp" },
    ] as const;
    const mode = provider === "phota" ? {} : ({ mode: "eco" } as const);
    const recipe = {
      provider,
      preset: "professional-polish" as const,
      ...mode,
      output: { deliveries: [...deliveries] },
    };
    const id = await engine.submit({ recipe });
    await engine.ended(id);
    lines = new Map((await engine.report(id)).map((line) => [line.id, line]));
  }, 120_000);
  afterAll(async () => await engine.close());

  it("are kept with the whole file where the provider signed it", async () => {
    expect(lines.get("signed.jpg")).toMatchObject({ outcome: "ok", c2pa: "kept", marked: "c2pa" });
    const tags = await tagsOf(engine, "signed.jpg");
    expect(tags["JUMDLabel"]).toBe("c2pa");
    const { metadata } = (await engine.results.head("signed.jpg")) ?? {};
    expect(metadata?.["darkroom-c2pa"]).toBe("kept");
  });

  it("are written where there are none", async () => {
    expect(lines.get("plain.jpg")).toMatchObject({ outcome: "ok", c2pa: "absent", marked: "xmp" });
    expect(await tagsOf(engine, "plain.jpg")).toMatchObject({ DigitalSourceType: MADE_WITH_AI });
  });

  it("are in every cut, whatever its format", async () => {
    const cuts = lines.get("signed.jpg")?.["deliveries"] as readonly string[];
    expect(cuts).toHaveLength(3);
    for (const key of cuts) {
      expect([key, await tagsOf(engine, key)]).toMatchObject([key, { DigitalSourceType: MADE_WITH_AI }]);
    }
  });
});
