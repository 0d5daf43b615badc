import { expect, test } from "vitest";
import { causesOf } from "./causes.ts";

test("describes causes, the most frequent first, and omits a newer server's code", () => {
  const causes = causesOf({ failures: { no_face: 2, no_output: 5, timeout: 0, from_the_future: 9 } });
  expect(causes).toEqual([
    { code: "no_output", count: 5, meaning: "the provider finished without a picture", retryable: true },
    {
      code: "no_face",
      count: 2,
      meaning: "the photo shows no face; found before the call, or by the provider",
      retryable: false,
    },
  ]);
});
