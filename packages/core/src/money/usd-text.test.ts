import { expect, it } from "vitest";
import { shownUsd, usdText } from "./usd-text.ts";

it.each([
  [0, "0.00 USD"],
  [0.05, "0.05 USD"],
  [0.7, "0.70 USD"],
  [0.1 + 0.2, "0.30 USD"],
  [0.006, "0.006 USD"],
  [0.0125, "0.0125 USD"],
  [1234.5, "1234.50 USD"],
])("formats %d as %j", (usd, text) => {
  expect(usdText(usd)).toBe(text);
});

it.each([
  ["twin", "0.70 USD (simulated)"],
  ["twin-phota", "0.70 USD (simulated)"],
  ["each-sense", "0.70 USD"],
])("marks an amount of the lane %j: %j", (lane, text) => {
  expect(shownUsd(0.7, lane)).toBe(text);
});
