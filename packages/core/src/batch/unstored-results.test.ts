import { expect, test } from "vitest";
import { protocolMs } from "../protocol-ms.ts";
import { isHeldBack, longestStoreWaitMs, mostUnstored } from "./unstored-results.ts";

test.each([
  { stuck: 0, concurrency: 4, most: 10, held: false },
  { stuck: 10, concurrency: 4, most: 10, held: false },
  { stuck: 11, concurrency: 4, most: 10, held: true },
  { stuck: 11, concurrency: 10, most: 10, held: true },
  { stuck: 11, concurrency: 11, most: 11, held: false },
  { stuck: 50, concurrency: 50, most: 50, held: false },
  { stuck: 51, concurrency: 50, most: 50, held: true },
])(
  "$stuck results that cannot be stored, $concurrency concurrent calls: held back is $held",
  ({ most, held, ...now }) => {
    expect(mostUnstored(now.concurrency)).toBe(most);
    expect(isHeldBack(now)).toBe(held);
  },
);

test.each([
  { stuck: 10, concurrency: 4, waitMs: undefined },
  { stuck: 11, concurrency: 4, waitMs: 55_000 },
  { stuck: 60, concurrency: 50, waitMs: 300_000 },
])("each of $stuck results waits at most $waitMs ms", ({ waitMs, ...now }) => {
  expect(longestStoreWaitMs(now)).toBe(waitMs === undefined ? undefined : now.stuck * protocolMs(5_000));
});
