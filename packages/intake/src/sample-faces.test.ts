import { expect, test } from "vitest";
import { DarkroomError, type ObjectStore, type PhotoWarning, type PortraitRow } from "@darkroom/core";
import { sampleFaces, spreadOrder, type LookAtFaces, type SeenFaces } from "./sample-faces.ts";

const rows = ["anna.jpg", "ben.jpg", "anna-2.jpg", "team.jpg", "logo.jpg", "gone.jpg"].map(
  (source, index): PortraitRow => ({ index, id: source, source, destination: source }),
);

/** A store whose photos contain their own names. */
const store = {
  url: "file:///photos/",
  kind: "local",
  head: (key: string) =>
    Promise.resolve(key.startsWith("gone") ? undefined : { key, etag: key, sizeBytes: key.length }),
  get: (key: string) => Promise.resolve({ info: {}, body: [Buffer.from(key)] }),
} as unknown as ObjectStore;

const WARNINGS: Readonly<Record<string, readonly PhotoWarning[]>> = {
  "team.jpg": ["several_faces", "dark_face"],
  "logo.jpg": ["no_face"],
};

/** Recognizes a person by the beginning of the photo's name. */
function looker(looked: string[]): LookAtFaces {
  const people = new Map<SeenFaces, string>();
  return async (read) => {
    const name = Buffer.from(await read()).toString();
    looked.push(name);
    const person = name.slice(0, 3);
    const seen: SeenFaces = { warnings: WARNINGS[name] ?? [], isSamePerson: (other) => people.get(other) === person };
    people.set(seen, person);
    return seen;
  };
}

const options = { openStore: () => store, source: { kind: "prefix", url: "file:///photos/" } } as const;

test("counts and names photos without a face, with several and of the same person", async () => {
  const looked: string[] = [];
  expect(await sampleFaces(rows, { ...options, lookAtFaces: looker(looked) })).toEqual({
    looked: 5,
    none: 1,
    noneExamples: [{ index: 4, id: "logo.jpg", source: "logo.jpg" }],
    several: 1,
    severalExamples: [{ index: 3, id: "team.jpg", source: "team.jpg" }],
    samePerson: 1,
    samePersonExamples: [{ index: 2, id: "anna-2.jpg", source: "anna-2.jpg", of: "anna.jpg", ofId: "anna.jpg" }],
  });
  expect(looked).toHaveLength(5);
});

test("skips photos that cannot be read or searched", async () => {
  const broken = { ...store, get: () => Promise.reject(new DarkroomError("storage_denied", "no")) } as ObjectStore;
  const at = { ...options, openStore: () => broken };
  expect(await sampleFaces(rows, { ...at, lookAtFaces: looker([]) })).toBeNull();
  expect(await sampleFaces(rows, { ...options, lookAtFaces: () => Promise.resolve(undefined) })).toBeNull();
});

test("reads no further photo after the time limit", async () => {
  const looked: string[] = [];
  expect(await sampleFaces(rows, { ...options, lookAtFaces: looker(looked), timeMs: 0 })).toBeNull();
  expect(looked).toEqual([]);
});

test.each([1, 7, 50])("each beginning of the order of %i photos is spread over them", (count) => {
  const order = spreadOrder(count);
  expect(order.toSorted((one, other) => one - other)).toEqual(Array.from({ length: count }, (_, place) => place));
  const first = order.slice(0, Math.ceil(count / 4)).toSorted((one, other) => one - other);
  const gaps = first.map((place, at) => place - (first[at - 1] ?? 0));
  expect(Math.max(...gaps)).toBeLessThanOrEqual(9);
});
