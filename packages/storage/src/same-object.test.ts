import { afterAll, expect, it } from "vitest";
import { openStores } from "./open-stores.ts";
import { placeMark } from "./same-object.ts";

const stores = openStores({ s3: {}, local: { roots: "any", linkSecret: "test" } });
afterAll(async () => await stores.close());

const at = (place: string): string => {
  if (place.startsWith("https:")) return placeMark(new URL(place));
  const end = place.lastIndexOf("/") + 1;
  return placeMark({ store: stores.open(place.slice(0, end)), key: place.slice(end) });
};

it.each([
  ["one object", "s3://b/in/a.jpg", "s3://b/in/a.jpg"],
  ["two ways to write an accent", "file:///tmp/\u00fc.jpg", "file:///tmp/u\u0308.jpg"],
  ["a link with another signature", "https://h/a.jpg?X-Amz-Date=1&X-Amz-Signature=2", "https://h/a.jpg?X-Amz-Date=3"],
  ["a link with a token", "https://h/a.jpg?token=x", "https://h/a.jpg"],
  ["a link of another account", "https://me:pw@h/a.jpg", "https://h/a.jpg#top"],
  ["parameters in another order", "https://h/photo?id=1&size=l&sig=x", "https://h/photo?size=l&id=1"],
])("one place: %s", (_, one, other) => {
  expect(at(one)).toBe(at(other));
});

it.each([
  ["two folders", "s3://b/nord/a.jpg", "s3://b/sued/a.jpg"],
  ["two buckets", "s3://b/a.jpg", "s3://c/a.jpg"],
  ["names that differ in case", "s3://b/a.jpg", "s3://b/A.jpg"],
  ["names that look escaped", "file:///tmp/a%23.jpg", "file:///tmp/a#.jpg"],
  ["links that name the photo in their query", "https://h/photo?id=1", "https://h/photo?id=2"],
])("two places: %s", (_, one, other) => {
  expect(at(one)).not.toBe(at(other));
});
