import { afterAll, expect, it } from "vitest";
import { type Call, EMPTY_RECEIPT, type Receipt, summaryOf } from "@darkroom/core";
import { defineScript } from "@darkroom/redis-kit";
import { composeScript } from "../scripts/lua-file.ts";
import { openLedger } from "../../test/open-ledger.ts";
import { storedReceipt } from "./stored-receipt.ts";

const { redis, close } = openLedger();
afterAll(close);

const read = defineScript(
  composeScript(
    `-- include receipt: readSummary
local summary = ARGV[1]
return cjson.encode(readSummary(summary))
`,
    "test",
  ).lua,
);

const call: Call = { step: 0, at: 1, generation: 0, status: "intended" };
const called: Receipt = { ...EMPTY_RECEIPT, firstIntentAt: 1_764_500_000_123, calls: [call] };

it.each<[string, Receipt]>([
  ["nothing", EMPTY_RECEIPT],
  ["a call", called],
  [
    "another lane's call",
    { ...called, lane: "phota:studio-b", forgets: true, calls: [{ ...call, priceMicroUsd: 300_000 }] },
  ],
  ["large sums", { ...called, calls: [{ ...call, status: "lost", priceMicroUsd: 999_999_999_999 }] }],
])("a script reads a summary of %s as core wrote it", async (_, receipt) => {
  const { summary } = storedReceipt(receipt);
  const text = (await read.run(redis, ["any"], [summary])) as string;
  const { called: isCalled, whole, paid, lane, firstIntentAt, lastIntentAt, paidMicroUsd } = summaryOf(receipt);
  const found = JSON.parse(text) as Record<string, unknown>;
  expect(found).toMatchObject({ called: isCalled, whole, paid, lane, last: lastIntentAt, paidMicro: paidMicroUsd });
  expect(Number(found["first"])).toBe(firstIntentAt);
});
