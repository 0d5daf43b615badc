import { breakerSchema, submissionSchema } from "@darkroom/core";
import { expect, test } from "vitest";
import { checkedValue, toNumber } from "./checked-value.ts";

test("rejects a value out of its bounds, saying what it must be", () => {
  const percent = checkedValue(breakerSchema.shape.failurePercent, toNumber);
  expect(percent("5")).toBe(5);
  expect(() => percent("200")).toThrow("It must be at most 100.");
  const minimum = checkedValue(breakerSchema.shape.minimum, toNumber);
  expect(() => minimum("0")).toThrow("It must be at least 1.");
  expect(() => minimum("2.5")).toThrow("It must be a whole number.");
  const between = checkedValue(submissionSchema.shape.between, String);
  expect(() => between("25:00-26:00")).toThrow('It must be hours like "22:00-06:00".');
});

test.each([
  ["40", 40],
  ["0.8", 0.8],
  ["0,8", 0.8],
  ["40,50", 40.5],
  ["0,125", 0.125],
  ["1.500", 1.5],
])("%s is the number %d", (text, number) => {
  expect(toNumber(text)).toBe(number);
});

test.each(["1,500", "1.500,00", "1,500.00", "1,5,5", "."])("rejects %s, which may be two numbers", (text) => {
  expect(() => toNumber(text)).toThrow(/^It must be a number/);
});
