import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { resolveRecipe, type ObjectStore } from "@darkroom/core";
import { openStores } from "@darkroom/storage";
import { tempFolder } from "@darkroom/testkit";
import { profileWarnings, type FetchedPicture, type OfferedPicture } from "../enhance/enhanced-pictures.ts";
import { marksOf } from "./result-marks.ts";
import type { ResultTarget } from "./store-extra.ts";
import { storeDeliveries } from "./store-deliveries.ts";
import { storeVariations } from "./store-variations.ts";

const folder = await tempFolder();
const stores = openStores({ s3: {}, local: { roots: [folder.path], linkSecret: "test" } });
afterAll(async () => {
  await stores.close();
  await folder.remove();
});

const picture = await readFile(new URL("../../../../examples/photos/grace_hopper.jpg", import.meta.url));

const wanted = { fingerprint: "f".repeat(64), place: "place of anna.jpg", recipe: "r", simulated: false };
let runs = 0;
function target(): ResultTarget & { readonly destination: ObjectStore } {
  runs += 1;
  return {
    destination: stores.open(`${pathToFileURL(folder.path).href}/${runs}/`),
    row: { index: 3, id: "anna", source: "anna.jpg", destination: "team/anna.jpg" },
    wanted,
    overwrite: false,
    marks: marksOf({
      batchId: "b1",
      row: { index: 3, source: "anna.jpg", destination: "team/anna.jpg" },
      ...wanted,
      recipe: resolveRecipe({ mode: "max", prompt: "x" }),
      provider: "phota",
      round: 0,
    }),
    signal: AbortSignal.timeout(30_000),
    confirm: () => Promise.resolve(),
  };
}

const offered = (...answers: readonly FetchedPicture[]): OfferedPicture & { asked: number } => {
  const picture = {
    asked: 0,
    fetch: () => Promise.resolve(answers[Math.min(picture.asked++, answers.length - 1)] ?? gone),
  };
  return picture;
};
const ok = (): FetchedPicture => ({ kind: "ok", bytes: picture });
const gone: FetchedPicture = { kind: "gone", message: "HTTP 404" };
const failed: FetchedPicture = { kind: "failed", message: "HTTP 503" };
const within = (pictures: readonly OfferedPicture[]) => ({
  pictures,
  roomBytes: 1_048_576,
  compare: () => Promise.resolve({ given: { digest: "d1", photo: "f0" } }),
  keep: () => Promise.resolve("_darkroom/b1/kept/3-d.jpg"),
});
const checks = { wishedFormat: "jpeg" } as const;

test("stores further pictures beside the main one, with its marks and their own kind", async () => {
  const to = target();
  const stored = await storeVariations(to, 3, within([offered(ok()), offered(ok())]), checks);
  expect(stored).toEqual({
    keys: ["team/anna-2.jpg", "team/anna-3.jpg"],
    warnings: [],
    undelivered: [],
    digests: ["d1", "d1"],
  });
  const head = await to.destination.head("team/anna-3.jpg");
  expect(head).toMatchObject({ contentType: "image/jpeg" });
  expect(head?.metadata).toMatchObject({
    "darkroom-fingerprint": "f".repeat(64),
    "darkroom-batch": "b1",
    "darkroom-portrait": "3",
    "darkroom-provider": "phota",
    "darkroom-part": "variation-3",
    "darkroom-of": "team/anna.jpg",
    "darkroom-given": "d1 f0",
  });
});

test("does not replace the cut of another portrait, in any batch", async () => {
  const to = target();
  const other = { ...to, row: { ...to.row, destination: "sales/anna.jpg" } };
  const cuts = [{ name: "resume", template: "cuts/{name}.jpg" }] as const;
  expect(await storeDeliveries(to, cuts, picture)).toMatchObject({ keys: ["cuts/anna.jpg"], warnings: [] });
  const again = await storeDeliveries(other, cuts, picture);
  expect(again).toEqual({
    keys: [],
    undelivered: ["resume"],
    warnings: [expect.stringContaining("cuts/anna.jpg already exists")],
  });
  expect(await storeDeliveries(to, cuts, picture)).toMatchObject({ keys: ["cuts/anna.jpg"], warnings: [] });
});

test("reports a bad further picture by its number, and stores the later ones", async () => {
  const text: FetchedPicture = { kind: "ok", bytes: Buffer.from("<html>gone</html>") };
  const cut: FetchedPicture = { kind: "ok", bytes: picture.subarray(0, 9_000) };
  const pictures = [offered(text), offered(cut), offered(ok())];
  const { keys, warnings } = await storeVariations(target(), 4, within(pictures), checks);
  expect(keys).toEqual(["team/anna-4.jpg"]);
  expect(warnings).toEqual([
    expect.stringMatching(/^picture 2 was not stored: .*web page/),
    expect.stringMatching(/^picture 3 was not stored: .*cannot be decoded/),
  ]);
});

test("retries a link that fails temporarily, but not one that is gone", async () => {
  const passing = offered(failed, ok());
  const lost = offered(gone);
  const stored = await storeVariations(target(), 3, within([passing, lost]), checks);
  expect(stored).toMatchObject({ keys: ["team/anna-2.jpg"], warnings: ["picture 3 was not stored: HTTP 404"] });
  expect([passing.asked, lost.asked]).toEqual([2, 1]);
});

test("reports a link that keeps failing, and stores the later pictures", async () => {
  const stored = await storeVariations(target(), 3, within([offered(failed), offered(ok())]), checks);
  expect(stored).toMatchObject({
    keys: ["team/anna-3.jpg"],
    warnings: ["picture 2 was not stored: HTTP 503"],
    failing: "HTTP 503",
  });
});

test("reports fewer pictures than were ordered, and stores no more than that", async () => {
  const few = await storeVariations(target(), 4, within([offered(ok())]), checks);
  expect(few).toMatchObject({
    keys: ["team/anna-2.jpg"],
    warnings: ["the provider returned 2 of the 4 ordered pictures"],
  });
  expect(await storeVariations(target(), 1, within([offered(ok())]), checks)).toMatchObject({ keys: [], warnings: [] });
});

test("does not replace a photo or another result with the same name", async () => {
  const to = target();
  const mine = Buffer.from("somebody's own photo");
  await to.destination.put("team/anna-2.jpg", mine);
  await to.destination.put("linkedin/team/anna.jpg", mine, { metadata: { "darkroom-fingerprint": "of another" } });
  const variations = await storeVariations(to, 2, within([offered(ok())]), checks);
  const cuts = await storeDeliveries(to, [{ name: "linkedin" }, { name: "resume" }], picture);
  expect(variations.keys).toEqual([]);
  expect(cuts.keys).toEqual(["resume/team/anna.jpg"]);
  expect(variations.warnings).toEqual([expect.stringContaining("team/anna-2.jpg already exists") as string]);
  expect(cuts.warnings).toEqual([expect.stringContaining("linkedin/team/anna.jpg already exists") as string]);
  for (const key of ["team/anna-2.jpg", "linkedin/team/anna.jpg"]) {
    expect((await to.destination.head(key))?.sizeBytes).toBe(mine.length);
  }
  // The picture that an earlier run stored for this portrait is replaced.
  expect((await storeDeliveries(to, [{ name: "resume" }], picture)).keys).toEqual(["resume/team/anna.jpg"]);
});

test("keeps another recipe's variation without its main picture, unless it may be replaced; makes a cut again", async () => {
  const to = target();
  const other = { ...wanted, fingerprint: "e".repeat(64) };
  const recipe = resolveRecipe({ mode: "max", prompt: "y" });
  const marks = marksOf({ batchId: "b0", row: to.row, ...other, recipe, provider: "phota", round: 0 });
  const before = { ...to, wanted: other, marks };
  await storeVariations(before, 2, within([offered(ok())]), checks);
  await storeDeliveries(before, [{ name: "resume" }], picture);
  const madeBy = async (key: string) => (await to.destination.head(key))?.metadata["darkroom-batch"];
  const kept = await storeVariations(to, 2, within([offered(ok())]), checks);
  expect(kept).toMatchObject({ keys: [], undelivered: ["variation-2: _darkroom/b1/kept/3-d.jpg"] });
  expect(await madeBy("team/anna-2.jpg")).toBe("b0");
  expect((await storeDeliveries(to, [{ name: "resume" }], picture)).keys).toEqual(["resume/team/anna.jpg"]);
  const remade = { ...to, overwrite: "other-recipe" } as const;
  expect(await storeVariations(remade, 2, within([offered(ok())]), checks)).toMatchObject({
    keys: ["team/anna-2.jpg"],
  });
  expect(await madeBy("team/anna-2.jpg")).toBe("b1");
});

test("names each profile that was not recognized, and none if the provider does not report profiles", () => {
  expect(profileWarnings(["p1", "p2", "p3"], { p1: 2, p2: 0 })).toEqual([
    "the profile p2 was not recognized in the result",
    "the profile p3 was not recognized in the result",
  ]);
  expect(profileWarnings(["p1"], undefined)).toEqual([]);
  expect(profileWarnings(undefined, { p1: 1 })).toEqual([]);
});

test("reports every ordered picture that is not at its key, with its kept copy", async () => {
  const to = target();
  await to.destination.put("team/anna-2.jpg", Buffer.from("a file of somebody"));
  const shared = { given: { digest: "d1", photo: "f0" }, shared: "it is another person's" };
  const further = {
    ...within([offered(ok()), offered(ok()), offered(gone)]),
    compare: (_: Uint8Array, number: number) => Promise.resolve(number === 3 ? shared : { given: shared.given }),
  };
  const { keys, undelivered } = await storeVariations(to, 5, further, checks);
  expect([keys, undelivered]).toEqual([
    [],
    // The provider returned no fifth picture. The second could not be stored at its key, the third may show another
    // person, and the fourth is gone.
    ["variation-5", "variation-2: _darkroom/b1/kept/3-d.jpg", "variation-3", "variation-4"],
  ]);
});
