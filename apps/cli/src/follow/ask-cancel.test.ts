import { expect, it } from "vitest";
import { testStatus } from "../test-kit/test-status.ts";
import { afterCancelText, beforeCancelText, dropsCalls, inFlightUsd } from "./ask-cancel.ts";

const RUNNING = testStatus({ succeeded: 4, running: 6, pending: 10 }, { estimatedCostUsd: 4, costUsd: 0.8 });
const MISSING = { missing: ["worker"], lacks: [], since: null, message: "there is no worker for its lane" } as const;

it.each([
  ["by the price of those that are left", RUNNING, 1.2],
  ["with losses, which are spent already", { ...RUNNING, estimatedCostUsd: 4.1, lostUsd: 0.1 }, 1.2],
  ["results that are paid and not stored", { ...RUNNING, costUsd: 1, unstored: { portraits: 1, usd: 0.2 } }, 1.2],
  ["without a price", { ...RUNNING, estimatedCostUsd: null }, undefined],
  ["for nothing", { ...RUNNING, estimatedCostUsd: 0.8 }, undefined],
])("counts what is in flight: %s", (_, status, usd) => {
  const counted = inFlightUsd(status);
  if (usd === undefined) expect(counted).toBeUndefined();
  else expect(counted).toBeCloseTo(usd, 9);
});

it.each([
  ["running", RUNNING, true],
  ["being cancelled", { ...RUNNING, cancelling: true }, false],
  ["ended", testStatus({ succeeded: 1 }, { state: "completed" }), false],
  ["waiting", testStatus({ pending: 1 }), false],
] as const)("a cancel of a batch that is %s drops calls: %s", (_, status, drops) => {
  expect(dropsCalls(status)).toBe(drops);
});

it("names one portrait, no sum without a price, and the simulator's as simulated", () => {
  const one = testStatus({ running: 1 }, { lane: "each-sense" });
  expect(beforeCancelText(one)).toBe(
    `1 portrait is with the provider now and may be billed; pause lets it finish: darkroom pause ${one.id}.`,
  );
  expect(afterCancelText({ ...one, lane: "twin" })).toContain("may be billed (simulated);");
  expect(beforeCancelText({ ...RUNNING, lane: "twin" })).toContain("up to 1.20 USD (simulated);");
});

it("offers to finish a stopped worker's calls, which a pause would not", () => {
  const left = { ...RUNNING, lane: "each-sense", unattended: MISSING };
  expect(beforeCancelText(left)).toBe(
    `6 portraits were with the provider when the work stopped and may be billed, up to 1.20 USD; to finish them: darkroom watch ${left.id}.`,
  );
  expect(afterCancelText(left)).toBe("6 portraits were with the provider and may be billed, up to 1.20 USD.");
});

it.each([
  ["the rows of a manifest", { source: "s3://b/team.csv" }],
  ["a retry", { rounds: [{ number: 1, at: "2026-11-21T12:00:00.000Z", codes: [], opened: 5 }] }],
  [
    "a fallback that has taken over",
    { fallback: { lane: "phota", afterMinutes: 10, since: "2026-11-21T12:00:00.000Z" } },
  ],
] as const)("names no upper bound if portraits may differ in price: %s", (_, change) => {
  const text = beforeCancelText({ ...RUNNING, lane: "each-sense", ...change });
  expect(text).toContain("may be billed, about 1.20 USD;");
});
