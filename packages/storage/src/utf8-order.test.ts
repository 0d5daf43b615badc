import * as fc from "fast-check";
import { expect, it } from "vitest";
import { compareUtf8 } from "./utf8-order.ts";

it("orders any two strings as their UTF-8 bytes do", () => {
  const text = fc.string({ unit: "binary", maxLength: 6 });
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
    {
      numRuns: 5_000,
      examples: [
        ["\uff61", "😀"],
        ["a", "ab"],
        ["", ""],
        ["\ud7ff", "\ue000"],
        ["😀", "😁"],
      ],
    },
  );
});
