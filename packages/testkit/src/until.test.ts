import { expect, test } from "vitest";
import { pauseAfter, until } from "./until.ts";

test("returns the condition's value once it holds", async () => {
  let asked = 0;
  const answer = await until(() => (++asked === 3 ? "third" : undefined), { what: "the third answer", everyMs: 1 });
  expect(answer).toBe("third");
});

test("accepts zero and the empty string as values", async () => {
  expect(await until(() => 0, { what: "a number" })).toBe(0);
  expect(await until(() => "", { what: "a text" })).toBe("");
});

test("reports what it waited for, and why it did not happen", async () => {
  const failing = until(() => Promise.reject(new Error("no such key")), { what: "the key", timeoutMs: 5, everyMs: 1 });
  await expect(failing).rejects.toMatchObject({
    message: "Waited 5 ms for the key, in vain.",
    cause: new Error("no such key"),
  });
});

test.each([
  [0, 20],
  [400, 20],
  [1_000, 50],
  [2_000, 100],
  [60_000, 100],
])("asks an asynchronous condition that has not held for %i ms again after %i ms", (waitedMs, pauseMs) => {
  expect(pauseAfter(waitedMs)).toBe(pauseMs);
});
