import { pathToFileURL } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import type { Submission } from "@darkroom/core";
import { tempFolder } from "@darkroom/testkit";
import { startEngine, type Engine } from "../kit/engine.ts";

const TWO_PICTURES: Submission["recipe"] = {
  provider: "phota",
  preset: "professional-polish",
  output: { variations: 2 },
};

let engine: Engine;
const undo: (() => unknown)[] = [];
afterEach(async () => {
  await engine.close();
  for (const step of undo.splice(0).reverse()) await step();
});

const billed = (): number => engine.twin.ledger().billed;

describe("a name", () => {
  test("of a second picture that is too long for a folder is rejected before anything is paid", async () => {
    engine = await startEngine({ phota: true });
    await engine.addPhotos(2, (index) => (index === 0 ? `${"a".repeat(250)}.jpg` : "bea.jpg"));
    const id = await engine.submit({ recipe: TWO_PICTURES });
    await engine.ended(id);
    expect(await engine.report(id)).toMatchObject([
      { outcome: "unstorable_name", billed: "no", message: expect.stringMatching(/255 bytes/) as string },
      { outcome: "ok", variations: ["bea-2.jpg"] },
    ]);
    expect(billed()).toBe(1);
  });

  test("that only a bucket can represent ends its portrait at once, unpaid", async () => {
    const folder = await tempFolder();
    undo.push(() => folder.remove());
    engine = await startEngine({
      store: "s3",
      env: { DARKROOM_LOCAL_ROOTS: folder.path, DARKROOM_BACKOFF_BASE_MS: "600000", DARKROOM_BACKOFF_CAP_MS: "600000" },
    });
    await engine.addPhotos(2, (index) => (index === 0 ? `${"a".repeat(296)}.jpg` : "bea.jpg"));
    const destination = `${pathToFileURL(folder.path).href}/out/`;
    const id = await engine.submit({ destination });
    const { counts, failures } = await engine.ended(id, 20_000);
    expect([counts.succeeded, failures]).toEqual([1, { unstorable_name: 1 }]);
    expect(billed()).toBe(1);
  });

  test("of a second picture that is a folder's is a warning beside the main picture, at once", async () => {
    engine = await startEngine({ phota: true });
    await engine.results.put("anna-2.jpg/notes.txt", Buffer.from("x"));
    await engine.addPhotos(1, () => "anna.jpg");
    const id = await engine.submit({ recipe: TWO_PICTURES });
    await engine.ended(id);
    expect(await engine.report(id)).toMatchObject([
      {
        outcome: "ok",
        variations: [],
        warnings: [expect.stringMatching(/^variation-2 was not stored: .*a folder of this name exists/) as string],
      },
    ]);
    expect(await engine.results.head("anna.jpg")).toBeDefined();
    expect(billed()).toBe(1);
  });
});
