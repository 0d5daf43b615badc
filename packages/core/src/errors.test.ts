import { expect, test } from "vitest";
import { DarkroomError, ERROR_CODES, isDarkroomError, messageOf } from "./errors.ts";

test("an error states what, where, why, and whether to retry", () => {
  const cause = new Error("socket closed");
  const error = new DarkroomError("storage_unavailable", "the store is away", {
    retryable: true,
    retryAfterMs: 500,
    field: "source",
    cause,
  });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({
    name: "DarkroomError",
    code: "storage_unavailable",
    message: "the store is away",
    retryable: true,
    retryAfterMs: 500,
    field: "source",
    cause,
  });
});

test("an error is final by default and has no cause", () => {
  const error = new DarkroomError("conflict", "taken");
  expect([error.retryable, error.retryAfterMs, error.field, "cause" in error]).toEqual([
    false,
    undefined,
    undefined,
    false,
  ]);
});

test("errors are distinguished by their code", () => {
  const error: unknown = new DarkroomError("not_found", "gone");
  expect([isDarkroomError(error), isDarkroomError(error, "not_found"), isDarkroomError(error, "conflict")]).toEqual([
    true,
    true,
    false,
  ]);
  expect(isDarkroomError(Object.assign(new Error("x"), { code: "not_found" }))).toBe(false);
});

test.each<[unknown, string]>([
  [new Error("it broke"), "it broke"],
  [new TypeError(""), "TypeError"],
  [new AggregateError([new Error("IPv6 refused"), new Error("IPv4 refused")]), "IPv6 refused; IPv4 refused"],
  [new AggregateError([new Error("x")], "both failed"), "both failed"],
  ["a word", "a word"],
  [undefined, "undefined"],
])("a message for %o", (thrown, sentence) => {
  expect(messageOf(thrown)).toBe(sentence);
});

test("codes are distinct", () => {
  expect(new Set(ERROR_CODES).size).toBe(ERROR_CODES.length);
});
