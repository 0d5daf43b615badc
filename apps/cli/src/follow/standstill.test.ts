import { WAIT_ENDS, type BatchStatus, type WaitReason } from "@darkroom/core";
import { describe, expect, it, test } from "vitest";
import { leftBatchText, standstill } from "./standstill.ts";
import { testStatus } from "../test-kit/test-status.ts";

const NOBODY = { missing: ["producer", "worker"], lacks: [], since: null, message: "nobody" } as const;

function waits(reason: WaitReason, count: number): BatchStatus["waiting"] {
  return [{ reason, count, nextLookAt: null, endsWhen: WAIT_ENDS[reason], message: null }];
}

const OWN = testStatus({ succeeded: 23, retrying: 10 }, { waiting: waits("other_batch", 10) });
const LEFT: BatchStatus = {
  ...testStatus({ pending: 23, queued: 10 }, { waiting: waits("handed_back", 10), unattended: NOBODY }),
  id: "01k9left",
};

describe("a batch that waits for another one's results", () => {
  test.each<[string, Partial<BatchStatus>, Partial<BatchStatus>, boolean]>([
    ["stands still while no process works on the other one", {}, {}, true],
    ["stands still while the other one is paused", {}, { state: "paused", unattended: null }, true],
    ["goes on while the other one does", {}, { unattended: null }, false],
    [
      "goes on while portraits of its own are left",
      { ...testStatus({ pending: 3, retrying: 10 }), waiting: OWN.waiting },
      {},
      false,
    ],
    ["goes on while its source is read", { ingested: false }, {}, false],
    ["waits for a process itself first", { unattended: NOBODY }, {}, false],
    ["goes on where the other one writes elsewhere", {}, { destination: "s3://b/elsewhere/" }, false],
    [
      "stands still where the other one writes into a folder of its destination",
      {},
      { destination: "s3://b/out/team/" },
      true,
    ],
    ["goes on where the other one has ended", {}, { state: "cancelled" }, false],
  ])("%s", (_, own, other, still) => {
    const found = standstill({ ...OWN, ...own }, [OWN, { ...LEFT, ...other }]);
    expect(found.map(({ id }) => id)).toEqual(still ? [LEFT.id] : []);
  });

  it("continues while one of the others does", () => {
    expect(standstill(OWN, [LEFT, { ...LEFT, id: "01k9more", unattended: null }])).toEqual([]);
  });

  it("names the one that its portraits name", () => {
    const named = OWN.waiting.map((each) => ({ ...each, message: "batch 01k9left has the same destination" }));
    const found = standstill({ ...OWN, waiting: named }, [{ ...LEFT, id: "01k9idle" }, LEFT]);
    expect(found.map(({ id }) => id)).toEqual(["01k9left"]);
  });
});

test.each<[Partial<BatchStatus>, string]>([
  [{}, "darkroom watch 01k9left"],
  [{ state: "paused", unattended: null }, "darkroom resume 01k9left"],
  [{ state: "awaiting_approval", unattended: null }, "darkroom approve 01k9left"],
  [{ cancelling: true }, "darkroom watch 01k9left"],
])("a stopped batch (%o) continues with a command", (change, command) => {
  expect(leftBatchText({ ...LEFT, ...change })).toMatchObject({ goOn: command, giveUp: "darkroom cancel 01k9left" });
});
