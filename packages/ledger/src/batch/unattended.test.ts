import { afterAll, expect, test } from "vitest";
import type { BatchState } from "@darkroom/core";
import { batchSpec, openLedger } from "../../test/open-ledger.ts";
import type { Attended } from "../liveness/staffing.ts";
import type { BatchRecord } from "./batch-record.ts";
import { unattended } from "./unattended.ts";

const { ledger, close } = openLedger();
afterAll(close);

const NOBODY: Attended = { present: 0, means: [], lastSeenAt: undefined };

test.each<[BatchState, number, readonly string[] | undefined]>([
  ["running", 0, ["producer", "worker"]],
  ["paused", 0, undefined],
  // Running portraits must end before the batch waits for its user, and portraits of a dead worker do not end by
  // themselves.
  ["paused", 2, ["producer", "worker"]],
  ["awaiting_approval", 2, ["producer", "worker"]],
  ["awaiting_confirmation", 0, undefined],
])(
  "a batch that is %s with %i portraits running lacks %o when no process is there",
  async (state, running, missing) => {
    const spec = batchSpec();
    await ledger.create(spec);
    const fence = await ledger.beginIngest(spec.id);
    await ledger.countPart(spec.id, { fence, part: 0, rows: 3, rejected: [], end: {} });
    const record = await ledger.read(spec.id);
    if (record === undefined) throw new Error("the batch is there");
    const standing: BatchRecord = { ...record, state, counts: { ...record.counts, running } };
    const found = await unattended(standing, record.lane, () => Promise.resolve(NOBODY));
    expect(found?.missing).toEqual(missing);
  },
);
