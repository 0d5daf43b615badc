import { EMPTY_RECEIPT, lastCall, withCall, type Call, type Receipt } from "@darkroom/core";
import { expect, test } from "vitest";
import { endsForStorage, resultFailed } from "./after-failure.ts";

const HOUR_MS = 3_600_000;
const timing = {
  deadlineMs: 60_000,
  idleMs: 1_000,
  attempts: 5,
  backoff: { baseMs: 15_000, capMs: 60_000 },
  lookMs: 5_000,
  retryAfterCapMs: 600_000,
};

/** A paid portrait whose picture was seen that long ago, after earlier storage failures. */
function seen(agoMs: number): Receipt {
  const seenAt = Date.now() - agoMs;
  const outputs = { urls: ["https://cdn.test/a.jpg"], at: seenAt };
  const call: Call = { step: 0, at: seenAt, generation: 0, status: "answered", outputs };
  return { ...EMPTY_RECEIPT, storageFailures: 40, calls: [call] };
}

/** Returns the number of failed fetches before the portrait ends, and how it ends. */
function triesOf(from: Receipt, gone: boolean, most: number): readonly [number, string] {
  let receipt = from;
  for (let tried = 1; tried <= most; tried += 1) {
    const limits = { timing, random: () => 0.5, now: Date.now() };
    const { receipt: after, ending } = resultFailed(receipt, { message: "HTTP 503", gone }, limits);
    if (ending.kind === "settle") return [tried, `${ending.outcome.code} ${ending.outcome.billed}`];
    if (ending.kind !== "later") throw new Error(`it ended as ${ending.kind}`);
    receipt = after;
  }
  return [most, "is fetched again"];
}

test.each([false, true])("fetches a picture that was seen long ago at least five times (gone: %s)", (gone) => {
  expect(triesOf(seen(HOUR_MS), gone, 100)).toEqual([5, "result_unavailable yes"]);
});

test("retries a recently seen picture for as long as its error allows", () => {
  expect(triesOf(seen(HOUR_MS / 6), false, 100)).toEqual([100, "is fetched again"]);
  expect(triesOf(seen(HOUR_MS / 6), true, 100)).toEqual([5, "result_unavailable yes"]);
  expect(triesOf(seen(60_000), true, 100)).toEqual([100, "is fetched again"]);
});

test.each([
  // [paid, transient, failures, hours since the first call, ends]
  [true, true, 400, 5, false],
  [true, true, 1, 7, true],
  [true, false, 4, 0, false],
  [true, false, 5, 0, true],
  [true, false, 1, 7, false],
  [false, true, 4, 7, false],
  [false, true, 5, 0, true],
  [false, false, 1, 0, true],
])("a store error (paid %s, passing %s, %i failures, %i h) ends: %s", (paid, passing, failures, hours, ends) => {
  expect(endsForStorage({ paid, passing, failures, attempts: 5, sinceFirstCallMs: hours * HOUR_MS })).toBe(ends);
});

test("grants a server the delay that it asks for, and ends a picture that stays unusable by its own cause", () => {
  const limits = { timing, random: () => 0, now: Date.now() };
  const busy = { message: "HTTP 503", gone: false, retryAfterMs: 90_000 };
  expect(resultFailed(seen(1_000), busy, limits)).toMatchObject({ ending: { kind: "later", delayMs: 90_000 } });
  const faulty = { message: "a web page", gone: true, code: "corrupt_output", digest: "d" } as const;
  const first = resultFailed(seen(HOUR_MS), faulty, limits);
  expect(first).toMatchObject({
    ending: { kind: "later" },
    receipt: { calls: [{ outputs: { misses: 1, faulty: "d" } }] },
  });
  const call = lastCall(seen(HOUR_MS))!;
  const given = withCall(seen(HOUR_MS), { ...call, outputs: { ...call.outputs!, misses: 4 } });
  expect(resultFailed(given, faulty, limits)).toMatchObject({
    ending: { kind: "settle", outcome: { code: "corrupt_output" } },
  });
});

test("delays a result of a held-back batch no longer than its wait or its server requires", () => {
  const limits = { timing: { ...timing, longestStoreWaitMs: 8_000 }, random: () => 0.5, now: Date.now() };
  const missed = { message: "HTTP 503", gone: false };
  expect(resultFailed(seen(1_000), missed, limits)).toMatchObject({ ending: { kind: "later", delayMs: 4_000 } });
  expect(resultFailed(seen(1_000), { ...missed, retryAfterMs: 90_000 }, limits)).toMatchObject({
    ending: { delayMs: 90_000 },
  });
});
