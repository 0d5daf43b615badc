import { expect, test } from "vitest";
import { fingerprint } from "../delivery/fingerprint.ts";
import { isOrderOf, isSamePhoto, portraitIdentity, type Order } from "./portrait-identity.ts";
import { resolveRecipe } from "../recipe/recipe.ts";

const recipe = resolveRecipe({ mode: "eco", prompt: "Polish it." });
const PHOTO = { etag: '"a1"', sizeBytes: 7 };
const ROW = { source: "ana.jpg", destination: "out/ana.jpg", profileIds: ["p1"] };

function orderFor(row: typeof ROW): Order {
  return { identity: portraitIdentity(row, fingerprint(PHOTO, recipe, row.profileIds)), photo: PHOTO };
}

test.each([
  ["the same row", {}, true],
  ["a row with another photo", { source: "bo.jpg" }, false],
  ["a row that sends the same photo elsewhere", { destination: "out/ana-2.jpg" }, false],
  ["a row with other profiles", { profileIds: ["p2"] }, false],
])("an order belongs to %s: %s", (_, change, belongs) => {
  expect(isOrderOf(orderFor(ROW), { ...ROW, ...change }, recipe)).toBe(belongs);
});

test("an order with another recipe does not match", () => {
  expect(isOrderOf(orderFor(ROW), ROW, resolveRecipe({ mode: "eco", prompt: "Another." }))).toBe(false);
});

test("an order's photo is part of its identity, which matches no other photo", () => {
  expect(isOrderOf({ ...orderFor(ROW), photo: { etag: "b2", sizeBytes: 7 } }, ROW, recipe)).toBe(false);
});

test("a newly signed link belongs to the same portrait", () => {
  const [one, other] = ["x", "y"].map((signature) => ({ ...ROW, source: `https://h.test/ana.jpg?sig=${signature}` }));
  if (one === undefined || other === undefined) throw new Error("no rows");
  expect(isOrderOf(orderFor(one), other, recipe)).toBe(true);
});

test.each([
  ["the same ETag without its quotes", { etag: "a1", sizeBytes: 7 }, true],
  ["another ETag", { etag: "a2", sizeBytes: 7 }, false],
  ["another size", { etag: "a1", sizeBytes: 8 }, false],
  ["a version that the other inspection did not see", { etag: "a1", sizeBytes: 7, version: "v1" }, true],
])("a photo with %s is the same: %s", (_, other, same) => {
  expect(isSamePhoto(PHOTO, other)).toBe(same);
});

test("a photo rewritten between two inspections is another one, even with the same content", () => {
  const seen = { ...PHOTO, version: "v1" };
  expect(isSamePhoto(seen, { ...PHOTO, version: "v2" })).toBe(false);
  expect(isSamePhoto(seen, { ...PHOTO, version: "v1" })).toBe(true);
});
