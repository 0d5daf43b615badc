import { describe, expect, it } from "vitest";
import { addSpent, daysBetween, groupCosts, NOTHING_SPENT, spentOn, utcDay, type BookedSpent } from "./costs.ts";

describe("the cost of a portrait", () => {
  it("is the price of its paid calls when it was delivered, except those whose pictures were lost", () => {
    const calls = { paid: 300_000, lost: 100_000, maybe: 200_000 };
    expect(spentOn("ok", calls)).toEqual({ costUsd: 0.2, lostUsd: 0.1, maybeUsd: 0.2 });
  });

  it("is all lost when nothing was delivered", () => {
    const calls = { paid: 300_000, lost: 100_000, maybe: 0 };
    expect(spentOn("result_unavailable", calls)).toEqual({ costUsd: 0, lostUsd: 0.3, maybeUsd: 0 });
    expect(spentOn("cancelled_in_flight", calls)).toEqual({ costUsd: 0, lostUsd: 0.3, maybeUsd: 0 });
  });

  it("is unknown without a price, if anything was paid", () => {
    const calls = { paid: null, lost: 0, maybe: 0 };
    expect(spentOn("ok", calls)).toEqual({ costUsd: null, lostUsd: 0, maybeUsd: 0 });
    expect(spentOn("no_face", calls)).toEqual({ costUsd: 0, lostUsd: null, maybeUsd: 0 });
  });
});

it("moves from lost to delivered when a later round finds the picture, and still adds up", () => {
  const lost = addSpent(NOTHING_SPENT, { costUsd: 0, lostUsd: 0.1 });
  expect(addSpent(lost, { costUsd: 0.1, foundUsd: 0.1 })).toEqual({ costUsd: 0.1, lostUsd: 0, maybeUsd: 0 });
});

it("a thousand cents add up to ten dollars", () => {
  let sum = NOTHING_SPENT;
  for (let n = 0; n < 1_000; n += 1) sum = addSpent(sum, { costUsd: 0.01, lostUsd: null });
  expect(sum).toEqual({ costUsd: 10, lostUsd: 0, maybeUsd: 0 });
});

describe("costs", () => {
  const entry = (day: string, lane: string, batchId: string, costUsd: number): BookedSpent => ({
    day,
    lane,
    batchId,
    costUsd,
    lostUsd: 0.1,
    maybeUsd: 0,
  });
  const booked = [
    entry("2026-11-21", "b", "2", 0.2),
    entry("2026-11-20", "a", "1", 0.1),
    entry("2026-11-21", "a", "1", 0.1),
  ];

  it.each([
    ["day", [0.1, 0.3], ["2026-11-20", "2026-11-21"]],
    ["lane", [0.2, 0.2], ["a", "b"]],
    ["batch", [0.2, 0.2], ["1", "2"]],
  ] as const)("are summed by %s, in order", (by, usd, names) => {
    const { rows, total } = groupCosts(booked, { from: "2026-11-01", to: "2026-11-30", by });
    expect(rows.map(({ name }) => name)).toEqual(names);
    expect(rows.map(({ costUsd }) => costUsd)).toEqual(usd);
    expect(total).toEqual({ costUsd: 0.4, lostUsd: 0.3, maybeUsd: 0 });
  });
});

describe("days", () => {
  it("are those of UTC, both ends included, across ends of months", () => {
    expect(utcDay(Date.parse("2026-11-21T23:59:59.999Z"))).toBe("2026-11-21");
    expect(daysBetween("2028-02-28", "2028-03-01")).toEqual(["2028-02-28", "2028-02-29", "2028-03-01"]);
    expect(daysBetween("2026-11-21", "2026-11-20")).toEqual([]);
  });
});
