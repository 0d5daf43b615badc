import { expect, test } from "vitest";
import { causesOf } from "./causes.ts";

test("causes are in words, the most frequent first; a code of a newer server is left out", () => {
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
