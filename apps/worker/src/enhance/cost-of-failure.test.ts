import { expect, test } from "vitest";
import type { Billed } from "@darkroom/core";
import { costOfFailure } from "./cost-of-failure.ts";

test.each<[outage: boolean, sent: boolean, billed: Billed, declined: boolean, remembers: boolean, string]>([
  [false, false, "no", false, true, "attempt"],
  [false, true, "no", false, false, "attempt"],
  [false, true, "maybe", false, true, "attempt"],
  [false, true, "maybe", true, true, "attempt"],
  [true, false, "no", false, true, "nothing"],
  [true, false, "no", false, false, "nothing"],
  [true, true, "no", false, true, "nothing"],
  [true, true, "no", false, false, "nothing"],
  [true, true, "maybe", true, true, "nothing"],
  [true, true, "maybe", true, false, "attempt"],
  [true, true, "maybe", false, true, "unless-found"],
  [true, true, "maybe", false, false, "attempt"],
  [true, true, "yes", false, true, "unless-found"],
  [true, true, "yes", false, false, "attempt"],
])(
  "in an outage: %s; sent: %s; billed: %s; declined: %s; with a memory: %s: a failed call costs %s",
  (outage, sent, billed, declined, remembers, cost) => {
    expect(costOfFailure({ outage, sent, unreached: false, billed, declined, remembers })).toBe(cost);
  },
);

test.each([
  [false, true],
  [false, false],
  [true, true],
  [true, false],
])("a call without a connection costs nothing (in an outage: %s; with a memory: %s)", (outage, remembers) => {
  const call = { outage, sent: false, unreached: true, billed: "no", declined: false, remembers } as const;
  expect(costOfFailure(call)).toBe("nothing");
});
