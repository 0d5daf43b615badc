import { expect, test } from "vitest";
import { until } from "./until.ts";

test("answers what the condition answered once it holds", async () => {
  let asked = 0;
  const answer = await until(() => (++asked === 3 ? "third" : undefined), { what: "the third answer", everyMs: 1 });
  expect(answer).toBe("third");
});

test("takes zero and the empty string as answers", async () => {
  expect(await until(() => 0, { what: "a number" })).toBe(0);
  expect(await until(() => "", { what: "a text" })).toBe("");
});

test("says what it waited for, and why it did not hold", async () => {
  const failing = until(() => Promise.reject(new Error("no such key")), { what: "the key", timeoutMs: 5, everyMs: 1 });
  await expect(failing).rejects.toMatchObject({
    message: "Waited 5 ms for the key, in vain.",
    cause: new Error("no such key"),
  });
});
