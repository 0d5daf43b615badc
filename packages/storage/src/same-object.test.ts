import { mkdir, symlink, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { tempFolder } from "@darkroom/testkit";
import { afterAll, expect, it } from "vitest";
import { openStores } from "./open-stores.ts";
import { isSameStore, objectName, placeMark, replacesPhoto } from "./same-object.ts";

const stores = openStores({ s3: {}, local: { roots: "any", linkSecret: "test" } });
afterAll(async () => await stores.close());

const placeOf = (place: string) => {
  const end = place.lastIndexOf("/") + 1;
  return { store: stores.open(place.slice(0, end)), key: place.slice(end) };
};
const at = (place: string): string => placeMark(place.startsWith("https:") ? new URL(place) : placeOf(place));

it.each([
  ["one object", "s3://b/in/a.jpg", "s3://b/in/a.jpg"],
  ["two encodings of an accent", "file:///tmp/\u00fc.jpg", "file:///tmp/u\u0308.jpg"],
  ["a link with another signature", "https://h/a.jpg?X-Amz-Date=1&X-Amz-Signature=2", "https://h/a.jpg?X-Amz-Date=3"],
  ["a link with a token", "https://h/a.jpg?token=x", "https://h/a.jpg"],
  ["a link signed for another account", "https://me:pw@h/a.jpg", "https://h/a.jpg#top"],
  ["parameters in a different order", "https://h/photo?id=1&size=l&sig=x", "https://h/photo?size=l&id=1"],
])("same place: %s", (_, one, other) => {
  expect(at(one)).toBe(at(other));
});

it.each([
  ["two folders", "s3://b/nord/a.jpg", "s3://b/sued/a.jpg"],
  ["two buckets", "s3://b/a.jpg", "s3://c/a.jpg"],
  ["names that differ in case", "s3://b/a.jpg", "s3://b/A.jpg"],
  ["names that look escaped", "file:///tmp/a%23.jpg", "file:///tmp/a#.jpg"],
  ["links that identify the photo in their query", "https://h/photo?id=1", "https://h/photo?id=2"],
])("different places: %s", (_, one, other) => {
  expect(at(one)).not.toBe(at(other));
});

it.each<[result: string, photo: string, replaces: boolean]>([
  ["s3://b/in/a.jpg", "s3://b/in/a.jpg", true],
  ["s3://b/in/a.jpg", "s3://b/in/A.jpg", false],
  ["in/a.jpg", "in/a.jpg", true],
  ["in/a.jpg", "in/b.jpg", false],
  ["in/u\u0308.jpg", "in/\u00fc.jpg", true],
  ["link/a.jpg", "in/a.jpg", true],
  ["in/a.jpg", "link/a.jpg", true],
  ["in/a.jpg", "linked.jpg", true],
  ["linked.jpg", "in/a.jpg", false],
  ["in/a.jpg", "s3://b/in/a.jpg", false],
])("a result at %s replaces the photo at %s: %s", async (result, photo, replaces) => {
  await using folder = await tempFolder();
  await mkdir(`${folder.path}/in`);
  await writeFile(`${folder.path}/in/a.jpg`, "a photo");
  await symlink(`${folder.path}/in`, `${folder.path}/link`);
  await symlink(`${folder.path}/in/a.jpg`, `${folder.path}/linked.jpg`);
  const placed = (name: string) =>
    placeOf(name.startsWith("s3:") ? name : `${pathToFileURL(folder.path).href}/${name}`);
  expect(replacesPhoto(placed(result), placed(photo))).toBe(replaces);
});

it("a folder and a symbolic link to it are one store with the same object names", async () => {
  await using folder = await tempFolder();
  const url = pathToFileURL(folder.path).href;
  await mkdir(`${folder.path}/out`);
  await symlink(`${folder.path}/out`, `${folder.path}/link`);
  expect(isSameStore(`${url}/out/`, `${url}/link/`)).toBe(true);
  expect(isSameStore(`${url}/out/`, `${url}/in/`)).toBe(false);
  expect(isSameStore("s3://b/in", "s3://b/in/")).toBe(true);
  expect(objectName(placeOf(`${url}/out/a.jpg`))).toBe(objectName(placeOf(`${url}/link/A.jpg`)));
  expect(objectName(placeOf(`${url}/out/a.jpg`))).not.toBe(objectName(placeOf(`${url}/out/b.jpg`)));
});
