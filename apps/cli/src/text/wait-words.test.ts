import { expect, it } from "vitest";
import { WAIT_ENDS, type BatchStatus, type WaitReason } from "@darkroom/core";
import { barText } from "./bar-text.ts";
import { progressText, statusText } from "./batch-line.ts";
import { batchCells } from "./batch-table.ts";
import { testStatus } from "../test-kit/test-status.ts";

const MISSING = { missing: ["producer"], lacks: [], since: null, message: "there is no producer" } as const;

const AT = "2026-11-30T09:00:00.000Z";
const AWAY = { what: "lane", reason: "outage", since: AT, message: "no connection", nextLookAt: AT } as const;

function wait(reason: WaitReason, count: number): BatchStatus["waiting"][number] {
  return { reason, count, nextLookAt: null, endsWhen: WAIT_ENDS[reason], message: null };
}

it.each([
  ["never called for", [wait("failover", 23)], "0 of 23 done · 23 waiting"],
  ["called for in vain", [wait("provider_retry", 23)], "0 of 23 done · 23 retrying"],
  ["some of each", [wait("failover", 20), wait("storage", 3)], "0 of 23 done · 3 retrying · 20 waiting"],
])("distinguishes waiting portraits from retried ones: %s", (_, waiting, line) => {
  const status = testStatus({ retrying: 23 }, { waiting });
  expect(progressText(status)).toBe(line);
  expect(barText(status, 100, 0)).toBe(line.replace("0 of 23 done · ", ""));
});

it("reports earlier deliveries", () => {
  expect(progressText(testStatus({ succeeded: 2, skipped: 21 }))).toBe(
    "23 of 23 done · 2 succeeded · 21 delivered already",
  );
});

it("describes a portrait's wait reason, and what ends the wait", () => {
  const status = testStatus({ retrying: 1 }, { waiting: [wait("storage", 1)] });
  expect(statusText(status, null)).toMatch(
    /^waiting +for the object store: 1 portrait, until the store answers, or the attempts are used up$/m,
  );
});

it.each([
  [
    "its own wait",
    testStatus({ queued: 2 }, { waiting: [wait("turn", 5), wait("handed_back", 2)] }),
    "running",
    "another worker",
  ],
  [
    "its blocked lane, whatever else its portraits wait for",
    testStatus({ retrying: 7, queued: 2 }, { waiting: [wait("provider_retry", 7), wait("turn", 2)], blocked: AWAY }),
    "running",
    "the provider",
  ],
  ["free slots alone", testStatus({ queued: 2 }, { waiting: [wait("turn", 2)] }), "running", ""],
  [
    "a process, whatever else its portraits wait for",
    testStatus({ queued: 2 }, { waiting: [wait("handed_back", 2), wait("unattended", 0)], unattended: MISSING }),
    "no process works on it",
    "a process to work on it",
  ],
  [
    "a higher budget, before the process that would finish what runs",
    testStatus(
      { pending: 2, running: 1 },
      {
        state: "paused",
        pausedBy: "budget",
        waiting: [wait("unattended", 1), wait("budget", 2)],
        unattended: MISSING,
      },
    ),
    "no process works on it",
    "a higher budget",
  ],
  [
    "its end, once it is cancelled",
    testStatus(
      { queued: 2 },
      { state: "finishing", cancelling: true, waiting: [wait("unattended", 2)], unattended: MISSING },
    ),
    "cancelling",
    "a process to work on it",
  ],
])("lists a batch with its state and what it waits for: %s", (_, status, state, waits) => {
  expect(batchCells(status)).toMatchObject({ STATE: state, FAILED: "0", "WAITS FOR": waits });
});

it("reports a blocked lane's wait once for all its portraits", () => {
  const status = testStatus({ retrying: 7 }, { waiting: [wait("provider_retry", 7)], blocked: AWAY });
  expect(statusText(status, null)).toMatch(/^waiting +the provider account is blocked \(outage\): no connection$/m);
});

it("reports that a cancelled batch has not ended yet", () => {
  const status = testStatus({ queued: 2 }, { state: "finishing", cancelling: true, reason: "cancelled by a person" });
  expect(statusText(status, null)).toMatch(/^state +cancelling \(cancelled by a person\)$/m);
  expect(barText(status, 100, 0)).toContain("cancelling");
});

it.each([
  [1, /^pilot +1 portrait comes first/m],
  [2, /^pilot +2 portraits come first/m],
])("counts a pilot of %i", (pilot, words) => {
  expect(statusText(testStatus({ pending: 3 }, { pilot }), null)).toMatch(words);
});
