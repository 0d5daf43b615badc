import { expect, test } from "vitest";
import { DarkroomError, EMPTY_RECEIPT } from "@darkroom/core";
import { DestinationBlocked } from "../destinations/destinations.ts";
import type { PortraitRun } from "../run/portrait-run.ts";
import { RunEnded, type RunEnding } from "../run/run-ending.ts";
import { storeInHand } from "./store-in-hand.ts";

const DONE: RunEnding = { kind: "claim-lost" };
const passing = new DarkroomError("storage_unavailable", "the store is away", { retryable: true });
const final = new DarkroomError("storage_invalid", "a folder is there");
const runWith = (signal: AbortSignal): PortraitRun =>
  ({
    context: { random: () => 0 },
    timing: { attempts: 4, backoff: { baseMs: 2, capMs: 4 } },
    signal,
    receipt: EMPTY_RECEIPT,
  }) as unknown as PortraitRun;

/** Writes to a store that fails this many times, and counts the attempts. */
async function storedAfter(faults: readonly Error[], signal = new AbortController().signal, keeps = false) {
  const run = runWith(signal);
  let asked = 0;
  const once = (): Promise<RunEnding> => {
    const fault = faults[asked];
    asked += 1;
    return fault === undefined ? Promise.resolve(DONE) : Promise.reject(fault);
  };
  const result = await storeInHand(run, { once, keep: () => Promise.resolve(keeps) }).catch((error: unknown) => error);
  return { result, asked, counted: run.receipt.storageFailures };
}

test("stores the pictures in the same run if the store recovers", async () => {
  expect(await storedAfter([passing, passing])).toEqual({ result: DONE, asked: 3, counted: 2 });
});

test("retries an unavailable store until the last attempt, which is left to be counted", async () => {
  const away = Array.from({ length: 9 }, () => passing);
  expect(await storedAfter(away)).toEqual({ result: passing, asked: 4, counted: 3 });
});

test("does not retry a permanent error, or one that is not the store's", async () => {
  const other = new Error("a bug");
  expect(await storedAfter([final])).toEqual({ result: final, asked: 1, counted: 0 });
  expect(await storedAfter([other])).toEqual({ result: other, asked: 1, counted: 0 });
});

test("waits for a blocked destination, without counting a failure", async () => {
  const blocked = { url: "", folder: "", reason: "full", message: "", since: "", nextLookAt: 0 } as const;
  const rests = new DestinationBlocked(blocked);
  expect(await storedAfter([rests, rests])).toEqual({ result: DONE, asked: 3, counted: 0 });
});

test("leaves pictures that can be kept elsewhere to another run, whatever the error", async () => {
  const { signal } = new AbortController();
  const bug = new Error("a bug");
  for (const fault of [passing, final, bug]) {
    expect(await storedAfter([fault], signal, true)).toEqual({ result: fault, asked: 1, counted: 0 });
  }
});

test("keeps nothing if the run's claim is lost", async () => {
  let kept = 0;
  const lost = new RunEnded({ kind: "claim-lost" });
  const tries = { once: () => Promise.reject(lost), keep: () => Promise.resolve((kept += 1) > 0) };
  const storing = storeInHand(runWith(new AbortController().signal), tries);
  await expect(storing).rejects.toBe(lost);
  expect(kept).toBe(0);
});

test("does not wait for the store if the run is ended", async () => {
  const reason = new Error("the batch was cancelled");
  expect(await storedAfter([passing], AbortSignal.abort(reason))).toMatchObject({ result: reason, asked: 1 });
});
