import { expect, it } from "vitest";
import { isAllDelivered } from "./quote.ts";

it.each([
  ["all delivered", true, 4, 0, { alreadyDelivered: 4, kept: 0 }],
  ["delivered or kept", true, 4, 0, { alreadyDelivered: 1, kept: 3 }],
  ["one is new", false, 4, 0, { alreadyDelivered: 3, kept: 0 }],
  ["one row is bad", false, 4, 1, { alreadyDelivered: 4, kept: 0 }],
  ["more photos than the sample has", false, 60, 0, { alreadyDelivered: 50, kept: 0 }],
  ["no photo", false, 0, 0, { alreadyDelivered: 0, kept: 0 }],
] as const)("%s: %s", (_, expected, goodRows, badRows, counts) => {
  expect(isAllDelivered({ goodRows, badRows, sample: counts })).toBe(expected);
});
