import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { resolveRecipe, RESULT_METADATA, type BatchSpec, type DeliveredNote, type ObjectStore } from "@darkroom/core";
import { openStores } from "@darkroom/storage";
import { tempFolder } from "@darkroom/testkit";
import { copyDelivered } from "./copy-delivered.ts";
import { deliveredNotes } from "./delivery-notes.ts";
import { marksOf } from "../store/result-marks.ts";

const folder = await tempFolder();
const stores = openStores({ s3: {}, local: { roots: [folder.path], linkSecret: "test" } });
afterAll(async () => {
  await stores.close();
  await folder.remove();
});

const PLACE = "place of old/a.jpg";
const PRINT = "f".repeat(64);
const recipe = resolveRecipe({ mode: "max", prompt: "x" });
const bytes = Buffer.from("a picture");
let runs = 0;

/** A result of an earlier night with a second picture, and the arguments to copy it. */
async function delivered(spec: Partial<BatchSpec> = {}) {
  runs += 1;
  const url = `${pathToFileURL(folder.path).href}/${runs}/out/`;
  const earlier = stores.open(`${url}2026-11-20/`);
  const marks = marksOf({
    batchId: "b1",
    row: { index: 3, source: "new/a.jpg", destination: "new/a.jpg" },
    fingerprint: PRINT,
    place: "place of new/a.jpg",
    recipe,
    provider: "phota",
    simulated: false,
    round: 0,
  });
  await earlier.put("new/a.jpg", bytes, { contentType: "image/jpeg", metadata: marks(bytes) });
  await earlier.put("new/a-2.jpg", bytes, { contentType: "image/jpeg", metadata: marks(bytes, "variation-2") });
  const destination = stores.open(`${url}2026-11-21/`);
  const schedule = { id: "n", deliveredUrl: `${url}_darkroom/schedules/n/delivered/`, resultsUrl: url };
  const copy = {
    spec: { id: "b2", destination: { url: destination.url }, schedule, ...spec } as BatchSpec,
    row: { index: 3, id: "a", source: "old/a.jpg", destination: "old/a.jpg" },
    destination,
    wanted: { fingerprint: PRINT, place: PLACE, recipe: "r", simulated: false },
    wished: 2,
    confirm: () => Promise.resolve(),
    signal: AbortSignal.timeout(30_000),
  };
  const note: DeliveredNote = { batch: "b1", destination: "new/a.jpg", url: earlier.url };
  return { copy, note, earlier, schedule };
}

const openNotes = (_: unknown, deliveredUrl: string): ObjectStore => stores.open(deliveredUrl);
const context = { openStore: stores.open, openNotes };

async function keysOf(store: ObjectStore): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list()) keys.push(key);
  return keys;
}

test("copies the pictures with the marks of the portrait that paid for them, and records it", async () => {
  const { copy, note, earlier, schedule } = await delivered();
  expect(await copyDelivered(context, copy, note)).toBe(true);
  const [main, before] = await Promise.all([copy.destination.head("old/a.jpg"), earlier.head("new/a.jpg")]);
  expect(main?.metadata).toEqual({ ...before?.metadata, [RESULT_METADATA.place]: PLACE });
  expect(main).toMatchObject({ etag: before?.etag, contentType: "image/jpeg" });
  const second = await copy.destination.head("old/a-2.jpg");
  expect(second?.metadata).toMatchObject({
    [RESULT_METADATA.of]: "old/a.jpg",
    [RESULT_METADATA.part]: "variation-2",
    [RESULT_METADATA.batch]: "b1",
  });
  const [own] = await deliveredNotes(context, schedule, copy.row, copy.wanted);
  expect(own).toEqual({ batch: "b2", destination: "old/a.jpg", url: copy.destination.url });
});

test.each([
  ["has gone", { destination: "new/b.jpg" }, {}],
  [
    "is another picture now",
    {},
    { wanted: { fingerprint: "e".repeat(64), place: PLACE, recipe: "r", simulated: false } },
  ],
  ["is of another format", {}, { row: { index: 3, id: "a", source: "old/a.jpg", destination: "old/a.png" } }],
])("copies nothing if the recorded result %s", async (_, noted, change) => {
  const { copy, note } = await delivered();
  expect(await copyDelivered(context, { ...copy, ...change }, { ...note, ...noted })).toBe(false);
  expect(await keysOf(copy.destination)).toEqual([]);
});

test("copies nothing from outside the schedule's own results", async () => {
  const [{ copy }, { note }] = [await delivered(), await delivered()];
  expect(await copyDelivered(context, copy, note)).toBe(false);
  expect(await keysOf(copy.destination)).toEqual([]);
});

test("copies and records the simulator's deliveries for the simulator only", async () => {
  const { copy, note, earlier, schedule } = await delivered();
  const { metadata = {} } = (await earlier.head("new/a.jpg")) ?? {};
  await earlier.put("new/a.jpg", bytes, { metadata: { ...metadata, [RESULT_METADATA.simulated]: "yes" } });
  expect(await copyDelivered(context, copy, note)).toBe(false);
  const simulated = { ...copy.wanted, simulated: true };
  expect(await copyDelivered(context, { ...copy, wanted: simulated }, note)).toBe(true);
  expect(await deliveredNotes(context, schedule, copy.row, simulated)).toMatchObject([{ batch: "b2" }]);
  expect(await deliveredNotes(context, schedule, copy.row, copy.wanted)).toEqual([]);
});
