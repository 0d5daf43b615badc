import { expect, test } from "vitest";
import type { PortraitCounts, PortraitState } from "@darkroom/core";
import type { BatchRecord } from "./batch-record.ts";
import { batchWaiting, type WaitingContext } from "./batch-waiting.ts";

const AT = Date.parse("2026-11-30T12:00:00Z");
const LOOK = new Date(AT + 5_000).toISOString();
const QUIET: WaitingContext = {
  waits: [],
  blocked: undefined,
  held: undefined,
  concurrency: 4,
  isUnattended: false,
  nowMs: AT,
};

function record(counts: Partial<Record<PortraitState, number>>, overrides: Partial<BatchRecord> = {}): BatchRecord {
  const all = {
    pending: 0,
    queued: 0,
    running: 0,
    retrying: 0,
    succeeded: 0,
    skipped: 0,
    failed: 0,
    cancelled: 0,
    total: 0,
  };
  const parts = {
    state: "running",
    cancelled: false,
    unconfirmed: false,
    reopening: undefined,
    pausedBy: undefined,
    stalls: [],
    stuck: 0,
  };
  const whole = { ...parts, reason: undefined, spec: {}, counts: { ...all, ...counts } as PortraitCounts };
  return { ...whole, ...overrides } as BatchRecord;
}

const storage = { reason: "storage", count: 3, nextLookMs: AT + 5_000, message: "Access Denied" } as const;
const blocked = {
  what: "lane",
  reason: "balance",
  since: "",
  message: "top it up",
  nextLookAt: new Date(AT + 5_000).toISOString(),
} as const;
const lost = {
  duty: "finish",
  reason: "snapshot",
  message: "",
  sinceMs: AT,
  tries: 1,
  nextLookMs: AT + 5_000,
} as const;
const hours = { control: { window: { hours: "13:00-14:00", timeZone: "UTC" } } };

test.each<[string, BatchRecord, Partial<WaitingContext>, [string, number, string | null][]]>([
  ["nothing", record({ running: 2, succeeded: 3 }), {}, []],
  ["their turn", record({ pending: 5, queued: 2, running: 1 }), {}, [["turn", 7, null]]],
  ["what was noted", record({ retrying: 3 }), { waits: [storage] }, [["storage", 3, LOOK]]],
  [
    "earlier results to be stored",
    record({ pending: 5, retrying: 11 }, { stuck: 11 }),
    { waits: [{ ...storage, count: 11 }] },
    [
      ["storage", 11, LOOK],
      ["unstored_results", 5, null],
    ],
  ],
  [
    "their turn, where no more results wait to be stored than may",
    record({ pending: 5, retrying: 11 }, { stuck: 11 }),
    { waits: [{ ...storage, count: 11 }], concurrency: 11 },
    [
      ["storage", 11, LOOK],
      ["turn", 5, null],
    ],
  ],
  [
    "their destination, and not earlier results",
    record({ pending: 5 }, { stuck: 11 }),
    { blocked: { ...blocked, what: "destination", reason: "full" } },
    [["destination_blocked", 5, LOOK]],
  ],
  [
    "what was noted, and the others their turn",
    record({ pending: 4, retrying: 3 }),
    { waits: [storage] },
    [
      ["turn", 4, null],
      ["storage", 3, LOOK],
    ],
  ],
  [
    "a claim that is held: it counts as running",
    record({ pending: 1, running: 1 }),
    { waits: [{ ...storage, reason: "claim_held", count: 1 }] },
    [
      ["turn", 1, null],
      ["claim_held", 1, LOOK],
    ],
  ],
  [
    "a blocked lane, whether noted or not",
    record({ pending: 4, queued: 2 }),
    { blocked, waits: [{ ...storage, reason: "lane_blocked", count: 2 }] },
    [["lane_blocked", 6, LOOK]],
  ],
  ["a held lane", record({ pending: 4 }), { held: { untilMs: AT + 5_000, message: "429" } }, [["rate_limit", 4, LOOK]]],
  ["its hours", record({ pending: 4 }, { spec: hours as never }), {}, [["window", 4, "2026-11-30T13:00:00.000Z"]]],
  [
    "a blocked destination, whether noted or not",
    record({ pending: 4, retrying: 2 }),
    {
      blocked: { ...blocked, what: "destination", reason: "full" },
      waits: [{ ...storage, reason: "destination_blocked", count: 2 }],
    },
    [["destination_blocked", 6, LOOK]],
  ],
  ["somebody to work", record({ pending: 4 }), { isUnattended: true, blocked }, [["unattended", 4, null]]],
  [
    "a process with the account's key",
    record({ pending: 4 }),
    { isUnattended: true, unmetNeeds: "no worker here has what it needs: the account a1", blocked },
    [["unmet_needs", 4, null]],
  ],
  ["a person", record({ pending: 4 }, { state: "paused", pausedBy: "person" }), {}, [["paused", 4, null]]],
  ["money", record({ pending: 4 }, { state: "paused", pausedBy: "budget" }), {}, [["budget", 4, null]]],
  ["confirmation", record({ pending: 4 }, { state: "awaiting_confirmation" }), {}, [["confirmation", 4, null]]],
  ["approval, with nothing in flight", record({}, { state: "awaiting_approval" }), {}, [["approval", 0, null]]],
  ["its end", record({ retrying: 1 }, { state: "finishing", cancelled: true }), {}, [["stopping", 1, null]]],
  ["its report", record({ succeeded: 1 }, { state: "finishing" }), {}, [["report", 0, null]]],
  [
    "a snapshot that is lost",
    record({ succeeded: 1 }, { state: "finishing", stalls: [lost] }),
    {},
    [["snapshot", 0, LOOK]],
  ],
  [
    "a source that fails, beside those whose turn it is",
    record({ pending: 3 }, { state: "ingesting", stalls: [{ ...lost, duty: "ingest", reason: "source" }] }),
    {},
    [
      ["turn", 3, null],
      ["source", 0, LOOK],
    ],
  ],
])("a batch waits for %s", (_, batch, seen, expected) => {
  const found = batchWaiting(batch, { ...QUIET, ...seen });
  expect(found.map(({ reason, count, nextLookAt }) => [reason, count, nextLookAt])).toEqual(expected);
});

test("a wait reports the last error and what ends it", () => {
  const [wait] = batchWaiting(record({ retrying: 3 }), { ...QUIET, waits: [storage] });
  expect(wait).toMatchObject({ message: "Access Denied", endsWhen: "the store answers, or the attempts are used up" });
});
