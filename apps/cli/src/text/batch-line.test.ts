import { WAIT_ENDS, type BatchStatus } from "@darkroom/core";
import { expect, it } from "vitest";
import { budgetText, progressText, reportPlace, statusText } from "./batch-line.ts";
import { NONE_NAMED } from "./named-portraits.ts";
import { testStatus } from "../test-kit/test-status.ts";

it("names the report by path, by object URL, or at the API, and only once it exists", () => {
  const ended = testStatus({ succeeded: 1 }, { state: "completed", report: "/v1/batches/x/report.csv" });
  const local = { ...ended, destination: "file:///my%20out/" };
  expect(reportPlace(local, "http://127.0.0.1:8080")).toBe(`/my out/_darkroom/${ended.id}/report.csv`);
  expect(reportPlace(local, "http://darkroom.example")).toBe("http://darkroom.example/v1/batches/x/report.csv");
  expect(reportPlace(ended, "http://darkroom.example")).toBe(`s3://b/out/_darkroom/${ended.id}/report.csv`);
  expect(reportPlace(testStatus({ running: 1 }), "http://darkroom.example")).toBeNull();
});

it("describes a batch's state in words", () => {
  const status = testStatus(
    { succeeded: 2, running: 2 },
    { ratePerSecond: 0.5, secondsLeft: { low: 118, likely: 125, high: 190 } },
  );
  expect(progressText(status)).toBe("2 of 4 done · 2 succeeded · 2 running · 30.0 a minute · 2m to 3m 10s left");
  expect(progressText(testStatus({}, { ingested: false }))).toBe("reading the source");
  expect(progressText(testStatus({}, { ingested: false, state: "failed" }))).toBe("none was read");
  const failing = testStatus({ failed: 2 }, { failures: { no_face: 2 } });
  expect(statusText(failing, null)).toMatch(/failures +no_face 2; why: darkroom portraits 01k9z+ --state failed\n/);
  const stopped = testStatus(
    { cancelled: 2 },
    { state: "cancelled", failures: { cancelled: 1, cancelled_in_flight: 1 } },
  );
  expect(statusText(stopped, null)).toMatch(/why: darkroom portraits 01k9z+ --state cancelled\n/);
  expect(statusText(stopped, null)).toMatch(/source +s3:\/\/b\/in\/\nrecipe +professional-polish · eco · each-sense\n/);
  const blocked = testStatus(
    { queued: 1 },
    { blocked: { what: "lane", reason: "balance", since: "", message: "top it up", nextLookAt: "" } },
  );
  expect(statusText(blocked, null)).toMatch(/waiting +the provider account is blocked \(balance\): top it up/);
  const full = testStatus(
    { pending: 7, retrying: 2 },
    {
      blocked: { what: "destination", reason: "full", since: "", message: "the disk is full", nextLookAt: "" },
      unstored: { portraits: 2, usd: 0.1 },
    },
  );
  expect(statusText(full, null)).toMatch(
    /waiting +the destination accepts no results \(full\): the disk is full; 2 portraits are paid \(0\.10 USD\) and wait to be stored\n/,
  );
});

it.each([
  ["auth", "each-sense", /: top it up\. Correct EACHLABS_API_KEY, and restart the process/],
  ["auth", "phota", /: top it up\. Correct PHOTA_API_KEY, /],
  ["auth", "studio-b", /: top it up\. Correct the key of the account studio-b in DARKROOM_ACCOUNTS, /],
  ["balance", "studio-b", /: top it up\. Top up the account; .*darkroom lanes unblock studio-b\n/],
  ["outage", "phota", /: top it up\n/],
] as const)("says what to do about %s in the lane %s", (reason, lane, words) => {
  const blocked = { what: "lane", reason, since: "", message: "top it up.", nextLookAt: "" } as const;
  expect(statusText(testStatus({ queued: 1 }, { lane, blocked }), null)).toMatch(words);
});

it("describes what a retry does for retryable failures and for replaced photos", () => {
  const failures = { provider_error: 1, too_small: 2, invalid_row: 1 };
  const ended = testStatus({ succeeded: 1, failed: 4 }, { state: "completed_with_failures", failures });
  expect(statusText(ended, null)).toMatch(
    /again +darkroom retry 01k9z+ retries provider_error; after you have replaced the photos: darkroom retry 01k9z+ --code too_small\n/,
  );
  expect(statusText({ ...ended, state: "running" }, null)).not.toContain("darkroom retry");
  expect(statusText({ ...ended, failures: { invalid_row: 1 } }, null)).not.toContain("darkroom retry");
});

it("reports first that no process works on a batch, and since when", () => {
  const nobody = testStatus(
    { pending: 3 },
    {
      unattended: { missing: ["worker"], lacks: [], since: null, message: "there is no worker for its lane studio" },
      blocked: {
        what: "lane",
        reason: "auth",
        since: "2026-11-21T10:00:00.000Z",
        message: "the API key is wrong.",
        nextLookAt: "",
      },
    },
  );
  expect(statusText(nobody, null)).toMatch(
    /waiting +for a process to work on it: there is no worker for its lane studio \(none was seen in the last 30 days\); when its last process stopped: the provider account is blocked \(auth\): the API key is wrong\. Correct EACHLABS_API_KEY, .*darkroom watch 01k9z+\)\n/,
  );
  const away = {
    reason: "provider_retry",
    count: 3,
    nextLookAt: "2026-11-21T10:00:00.000Z",
    endsWhen: WAIT_ENDS.provider_retry,
    message: "no connection",
  } as const;
  expect(statusText({ ...nobody, blocked: null, waiting: [away] }, null)).toMatch(
    /\(none was seen in the last 30 days\); when its last process stopped: for the next attempt: 3 portraits, until the provider answers, or the attempts are used up: no connection\n/,
  );
  const gone = testStatus(
    { pending: 3 },
    {
      unattended: {
        missing: ["producer"],
        lacks: [],
        since: "2026-11-21T10:00:00.000Z",
        message: "there is no producer",
      },
    },
  );
  expect(statusText(gone, null)).toMatch(/work on it: there is no producer \(the last one was seen at 21 Nov 2026/);
});

it("names the budget that has paused a batch before the missing process", () => {
  const status = testStatus(
    { pending: 3, running: 1 },
    {
      state: "paused",
      pausedBy: "budget",
      maxCostUsd: 0.5,
      unattended: { missing: ["producer"], lacks: [], since: null, message: "there is no producer" },
      waiting: [{ reason: "budget", count: 3, nextLookAt: null, endsWhen: WAIT_ENDS.budget, message: null }],
    },
  );
  const line =
    /^waiting +for a higher budget: darkroom resume 01k9z+ --max-cost <more than 0\.5>; for a process to work on it: there is no producer \(none was seen in the last 30 days\)$/m;
  expect(statusText(status, null)).toMatch(line);
  expect(statusText({ ...status, unattended: null }, null)).toMatch(/^waiting +for a higher budget: [^;]*>$/m);
});

it("shows a batch's wait, cost and retries", () => {
  const pilot = testStatus({ succeeded: 2, pending: 8 }, { state: "awaiting_approval", pilot: 2, costUsd: 0.1 });
  const paused = testStatus(
    { succeeded: 2, pending: 8 },
    {
      state: "paused",
      pausedBy: "budget",
      reason: "used up",
      costUsd: 0.0125,
      maxCostUsd: 0.05,
      estimatedCostUsd: 0.5,
    },
  );
  const shut = testStatus(
    { pending: 1 },
    {
      waiting: [
        {
          reason: "window",
          count: 1,
          nextLookAt: "2026-11-21T21:00:00.000Z",
          endsWhen: WAIT_ENDS.window,
          message: null,
        },
      ],
      deadline: "2026-11-28T17:00:00.000Z",
      rounds: [{ number: 1, at: "2026-11-21T12:00:00.000Z", codes: ["no_output"], opened: 5 }],
    },
  );
  expect(statusText(pilot, null)).toMatch(/waiting +for you to approve its pilot: darkroom approve 01k9z+\n/);
  expect(statusText(pilot, null)).toMatch(/pilot +2 portraits come first/);
  expect(statusText(paused, null)).toMatch(/state +paused by its budget \(used up\)\n/);
  expect(statusText(paused, null)).toMatch(
    /cost +0\.0125 USD \(simulated\) spent of at most 0\.05 USD\nestimate +0\.50 USD \(simulated\) in total\n/,
  );
  expect(statusText(shut, null)).toMatch(/waiting +for its hours, which begin at 2[12] Nov 2026/);
  expect(statusText(shut, null)).toMatch(/deadline +2[89] Nov 2026/);
  expect(statusText(shut, null)).toMatch(/retries +1: 5 portraits, 2[12] Nov 2026.*\(no_output\)/);
  const [round] = shut.rounds;
  const codes = ["no_output", "timeout", "provider_error", "storage_error", "internal"] as const;
  const all = { ...shut, rounds: round === undefined ? [] : [{ ...round, codes }] };
  expect(statusText(all, null)).toMatch(/retries +1: 5 portraits, 2[12] Nov 2026, \d\d:00 \([^)]*\)$/m);
});

it("names no retry for a name that the destination can never hold", () => {
  const ended = (failures: Record<string, number>) =>
    statusText(testStatus({ failed: 2 }, { state: "completed_with_failures", failures }), null);
  expect(ended({ unstorable_name: 2 })).not.toMatch(/darkroom retry/);
  expect(ended({ unstorable_name: 1, storage_error: 1 })).toMatch(/^again +darkroom retry \S+ retries storage_error$/m);
});

it("names the fallback if the lane stays blocked, and since when it works", () => {
  const fallback = { lane: "phota", afterMinutes: 10, since: null };
  const since = "2026-11-21T12:00:00.000Z";
  expect(statusText(testStatus({ queued: 1 }, { fallback }), null)).toMatch(/^fallback +phota takes over .* for 10m$/m);
  expect(statusText(testStatus({ queued: 1 }, { fallback: { ...fallback, since } }), null)).toMatch(
    /^fallback +phota has done the work since 2[12] Nov 2026/m,
  );
});

it("shows the consistency of an ended batch, and the number of portraits that stand out", () => {
  const status = (review: number) =>
    testStatus({ succeeded: 13 }, { state: "completed", consistency: { score: 84, measured: 13, review } });
  expect(statusText(status(0), null)).toMatch(/^team +consistency 84 of 100 over 13 portraits; none stands out$/m);
  expect(statusText(status(1), null)).toMatch(/; 1 stands out \(column review of the report\)$/m);
  expect(statusText(status(2), null)).toMatch(/; 2 stand out /);
});

it("names the first portraits that stand out, and the first that failed for each cause", () => {
  const failures = { destination_taken: 4, no_face: 1, timeout: 2 };
  const consistency = { score: 84, measured: 13, review: 4 };
  const status = testStatus({ succeeded: 13, failed: 7 }, { state: "completed_with_failures", failures, consistency });
  const failed = new Map([
    ["destination_taken", ["a.jpg", "b.jpg", "c.jpg"]],
    ["no_face", ["eva.jpg"]],
  ]);
  const reasons = new Map([["no_face", [{ words: "no face was seen", who: ["eva.jpg"] }]]]);
  const text = statusText(status, null, {
    ...NONE_NAMED,
    standingOut: ["ana.jpg", "bob.jpg", "cem.jpg"],
    failed,
    reasons,
  });
  expect(text).toMatch(/; 4 stand out: ana\.jpg, bob\.jpg, cem\.jpg and 1 more \(column review of the report\)$/m);
  expect(text).toMatch(
    /^failures +destination_taken 4 \(a\.jpg, b\.jpg, c\.jpg and 1 more\), no_face 1 \(eva\.jpg\), timeout 2; why: /m,
  );
  expect(text).toMatch(/^ {11}no_face 1: no face was seen \(eva\.jpg\)$/m);
});

it("warns about files that remain under the names of portraits without a picture", () => {
  const leftBehind = { earlier_photo: 4, simulated: 1 };
  const status = testStatus({ failed: 5 }, { state: "completed_with_failures", leftBehind });
  const names = new Map([["earlier_photo" as const, ["a.jpg", "b.jpg", "c.jpg"]]]);
  expect(statusText(status, null, { ...NONE_NAMED, leftBehind: names })).toMatch(
    /^old files {2}5 portraits ended without a picture, .*: 4 the result of an earlier photo \(a\.jpg, b\.jpg, c\.jpg and 1 more\), 1 a simulated picture; do not deliver these /m,
  );
  expect(statusText(testStatus({ failed: 1 }), null)).not.toContain("old files");
});

it("counts the portraits that got crops, and says if only some were looked at", () => {
  const found = [{ words: "1 crop added, in signature/", who: ["a.jpg", "b.jpg"] }];
  const text = (skipped: number) =>
    statusText(testStatus({ skipped }, { state: "completed" }), null, {
      ...NONE_NAMED,
      skipped: { looked: 3, added: found, kept: found },
    });
  expect(text(3)).toMatch(/^crops +2: 1 crop added, in signature\/ \(a\.jpg, b\.jpg\)$/m);
  expect(text(3)).toMatch(/^kept +2: .* \(a\.jpg, b\.jpg\)$/m);
  expect(text(9)).toMatch(/\(a\.jpg, b\.jpg\); of the first 3 delivered already$/m);
});

it("offers an answer instead of a plain retry for portraits with questions", () => {
  const failures = { needs_clarification: 2, no_output: 1 };
  const text = statusText(testStatus({ failed: 3 }, { state: "completed_with_failures", failures }), null);
  expect(text).toMatch(/^questions +2 portraits wait for an answer: darkroom questions 01k9z+$/m);
  expect(text).toMatch(/^again +darkroom retry 01k9z+ retries no_output$/m);
});

it.each([
  ["each-sense", 1.2, /^unclear +6 may have been billed without a result, 1\.20 USD at most$/m],
  ["each-sense", 0, /^unclear +6 may have been billed without a result$/m],
  ["twin", 0, /^unclear +6 may have been billed without a result \(simulated\)$/m],
  ["twin", 1.2, /^unclear +6 may have been billed without a result, 1\.20 USD \(simulated\) at most$/m],
])("says what may have been billed on lane %s: %d USD", (lane, maybeUsd, words) => {
  const status = testStatus({ cancelled: 6 }, { state: "cancelled", lane, maybeBilled: 6, maybeUsd });
  expect(statusText(status, null)).toMatch(words);
});

it("does not repeat that a user paused or cancelled a batch", () => {
  const paused = testStatus({ pending: 2 }, { state: "paused", pausedBy: "person", reason: "paused by a person" });
  expect(statusText(paused, null)).toMatch(/paused by a person(?! \()/);
  const cancelled = testStatus({ cancelled: 2 }, { state: "cancelled", reason: "cancelled by a person" });
  expect(statusText(cancelled, null)).toMatch(/cancelled by a person(?! \()/);
  expect(statusText({ ...paused, reason: "lunch" }, null)).toContain("paused by a person (lunch)");
});

it("does not report completion while a retry reopens portraits", () => {
  const waiting = [{ reason: "reopening", count: 0, nextLookAt: null, endsWhen: "", message: null }] as const;
  expect(progressText(testStatus({ succeeded: 28, failed: 2 }, { waiting }))).toBe("failed portraits are reopened");
});

it("says once a portrait was enhanced that the estimate is above the budget", () => {
  const over = testStatus({ pending: 29, succeeded: 1 }, { estimatedCostUsd: 6, maxCostUsd: 4 });
  expect(budgetText(over)).toBe(
    "The estimate of 6.00 USD is above the budget of 4.00 USD: the batch will pause before it exceeds it.",
  );
  const fitting: Partial<BatchStatus>[] = [
    { ingested: false },
    { maxCostUsd: 6 },
    { maxCostUsd: null },
    { estimatedCostUsd: null },
    // The estimate may count photos that the destination already has.
    { counts: testStatus({ pending: 30 }).counts },
    { counts: testStatus({ pending: 28, succeeded: 1, skipped: 1 }).counts },
  ];
  for (const change of fitting) expect(budgetText({ ...over, ...change })).toBeUndefined();
});
