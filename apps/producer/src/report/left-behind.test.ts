import { DarkroomError, type ObjectStore, type OutcomeCode, type PortraitRow } from "@darkroom/core";
import { expect, test } from "vitest";
import { LeftBehindSearch } from "./left-behind.ts";

/** A destination whose credentials may write, but neither list nor look. */
function refusing(code: "storage_denied" | "storage_refused" | "storage_unavailable"): ObjectStore {
  const refuse = (): never => {
    throw new DarkroomError(code, "no", { retryable: code === "storage_unavailable" });
  };
  return {
    url: "s3://bucket/out/",
    kind: "s3",
    checkKey: () => undefined,
    head: () => Promise.resolve().then(refuse),
    list: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve().then(refuse) }) }),
    get: () => Promise.resolve().then(refuse),
    put: () => Promise.resolve().then(refuse),
    delete: () => Promise.resolve().then(refuse),
    link: () => Promise.resolve().then(refuse),
  };
}

type Record = Parameters<typeof LeftBehindSearch.over>[2];

function search(store: ObjectStore, failed: number) {
  const around = { openStore: () => store, signal: new AbortController().signal };
  const record = { spec: {}, rounds: [], counts: { failed, cancelled: 0 } } as unknown as Record;
  return LeftBehindSearch.over(around, store, record);
}

const row = { index: 4, id: "a.jpg", source: "a.jpg", destination: "a.jpg" } satisfies PortraitRow;
const outcome = { code: "no_face" satisfies OutcomeCode } as const;

test.each([
  ["storage_denied", 1],
  ["storage_refused", 1],
  ["storage_denied", 2_000],
] as const)("a store that answers %s does not keep a batch of %i failures from its end", async (code, failed) => {
  const found = await search(refusing(code), failed);
  expect(await found.look([{ row, outcome }])).toEqual(new Map([[4, "not_examined"]]));
  expect(found.counts).toEqual({ not_examined: 1 });
});

test("a store that does not answer now is asked again later", async () => {
  const found = await search(refusing("storage_unavailable"), 1);
  await expect(found.look([{ row, outcome }])).rejects.toMatchObject({ code: "storage_unavailable" });
});
