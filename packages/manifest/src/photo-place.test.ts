import type { BatchSource, ObjectStore, OpenStore } from "@darkroom/core";
import { expect, it } from "vitest";
import { fixture } from "../test/fixture.ts";
import { findPhoto } from "./photo-place.ts";

const NFC = "M\u00fcller/K\u00e4the.jpg";
const NFD = "Mu\u0308ller/Ka\u0308the.jpg";
const ENCODED = "Anna%20M%C3%BCller.jpg";
const MIXED = "M\u00fcller/Ka\u0308the.jpg";
const MIXED_BACK = "Mu\u0308ller/K\u00e4the.jpg";

/** Returns the key of a row's photo, and the keys that were queried. */
async function found(files: readonly string[], source: string, row: { readonly etag?: string } = {}) {
  await using folder = await fixture();
  for (const file of files) await folder.write(file, file);
  const asked: string[] = [];
  const open: OpenStore = (url) => {
    const store = folder.open(url);
    const head: ObjectStore["head"] = async (key) => {
      asked.push(key);
      return await store.head(key);
    };
    return new Proxy(store, { get: (of, name) => (name === "head" ? head : (Reflect.get(of, name) as unknown)) });
  };
  const manifest: BatchSource = { kind: "manifest", url: `${folder.url}team.csv`, format: "csv", baseUrl: folder.url };
  const place = await findPhoto(open, manifest, { source, ...row });
  return { key: place instanceof URL ? place.href : place.key, asked };
}

it.each([
  ["the name as it is written", [NFC], NFC, NFC, [NFC]],
  ["a name with its accents apart", [NFD], NFC, NFD, [NFC, NFD]],
  ["a name with its accents within", [NFC], NFD, NFC, [NFD, NFC]],
  ["the name as it is written where both are there", [NFC, NFD], NFC, NFC, [NFC]],
  ["the name as it is written where two other forms are there", [NFC, NFD], MIXED, MIXED, [MIXED, NFC, NFD]],
  ["the name as it is written where none is there", [], NFC, NFC, [NFC, NFD, MIXED, MIXED_BACK]],
  ["a folder and a file that write accents in two ways", [MIXED], NFC, MIXED, [NFC, NFD, MIXED, MIXED_BACK]],
  ["them in a row that has them apart", [MIXED_BACK], NFD, MIXED_BACK, [NFD, NFC, MIXED_BACK, MIXED]],
  [
    "the name as it is written where both mixes are there",
    [MIXED, MIXED_BACK],
    NFC,
    NFC,
    [NFC, NFD, MIXED, MIXED_BACK],
  ],
  [
    "a percent-encoded name",
    ["Anna M\u00fcller.jpg"],
    ENCODED,
    "Anna M\u00fcller.jpg",
    [ENCODED, "Anna M\u00fcller.jpg", "Anna Mu\u0308ller.jpg"],
  ],
  [
    "a name that holds a percent sign as it is written",
    ["a%20b.jpg", "a b.jpg"],
    "a%20b.jpg",
    "a%20b.jpg",
    ["a%20b.jpg"],
  ],
  ["no folder above by a percent-encoded name", ["b.jpg"], "%2e%2e/b.jpg", "%2e%2e/b.jpg", []],
  ["a name with a lone percent sign without asking", [], "100%.jpg", "100%.jpg", []],
  ["a name of ASCII without asking", [], "a.jpg", "a.jpg", []],
  ["a name that has one form without asking", [], "\u5c71.jpg", "\u5c71.jpg", []],
] as const)("finds %s", async (_, files, source, key, asked) => {
  expect(await found(files, source)).toEqual({ key, asked });
});

it("uses a listed key unchanged", async () => {
  expect(await found([NFD], NFC, { etag: '"1"' })).toEqual({ key: NFC, asked: [] });
});

it("queries a limited number of forms of a long path", async () => {
  const { asked } = await found([], `${"\u00e9/".repeat(20)}a.jpg`);
  expect(asked.length).toBeLessThanOrEqual(2 + 32);
});
