import { expect, test } from "vitest";
import type { BatchState } from "@darkroom/core";
import type { Attended, BatchRecord } from "@darkroom/ledger";
import { testApi } from "../../test/test-api.ts";
import { unattended } from "./unattended.ts";

const NOBODY: Attended = { present: 0, means: [], lastSeenAt: undefined };

test.each<[BatchState, number, readonly string[] | undefined]>([
  ["running", 0, ["producer", "worker"]],
  ["paused", 0, undefined],
  // Running portraits must end before the batch waits for its user, and those of a dead worker do not end by
  // themselves.
  ["paused", 2, ["producer", "worker"]],
  ["awaiting_approval", 2, ["producer", "worker"]],
  ["awaiting_confirmation", 0, undefined],
])(
  "a batch that is %s with %i portraits running lacks %o when no process is there",
  async (state, running, missing) => {
    await using api = await testApi();
    const { id } = await api.batch(3);
    const record = await api.ledger.read(id);
    if (record === undefined) throw new Error("the batch is there");
    const standing: BatchRecord = { ...record, state, counts: { ...record.counts, running } };
    const found = await unattended(standing, record.lane, () => Promise.resolve(NOBODY));
    expect(found?.missing).toEqual(missing);
  },
);
