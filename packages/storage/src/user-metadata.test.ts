import * as fc from "fast-check";
import { expect, it } from "vitest";
import { decodeValue, encodeValue } from "./user-metadata.ts";

it("leaves plain values readable for other clients", () => {
  for (const value of ["abc", "a=b; c", 'x "y" 100%', "5"]) expect(encodeValue(value)).toBe(value);
});

it("encodes any value as printable ASCII and decodes it again", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (value) => {
      const encoded = encodeValue(value);
      expect(encoded).toMatch(/^[\u0020-\u007e]+$/);
      expect(decodeValue(encoded)).toBe(value);
    }),
    { examples: [["=?UTF-8?B?QQ==?="], [""], [" "], ["a  b"], ["Zoë"]] },
  );
});

it("decodes the encoded words of other clients", () => {
  expect(decodeValue("=?UTF-8?Q?Zo=C3=AB_=26_Co?=")).toBe("Zoë & Co");
  expect(decodeValue("=?utf-8?b?Wm8=?= =?UTF-8?Q?=C3=AB?=")).toBe("Zoë");
  expect(decodeValue("not =?UTF-8?B?QQ==?= alone")).toBe("not =?UTF-8?B?QQ==?= alone");
});
