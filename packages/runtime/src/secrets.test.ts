import fc from "fast-check";
import { expect, test } from "vitest";
import { cleanJson, cleanLine } from "./secrets.ts";

/** Parts of secrets, of their field names and of the surrounding text. */
const PARTS = [
  "key",
  "KEY",
  "api",
  "x-api-key",
  "access",
  "id",
  "pass",
  "pass_word",
  "secret",
  "tokens",
  "cookie",
  "set-cookie",
  "credentials",
  "authorization",
  "Bearer",
  "signature",
  "sig",
  "policy",
  "X-Amz-Signature",
  "p-a-s-s",
  "t_oken",
  "https://",
  "s3://",
  "user:pw@",
  "/files/",
  "whsec_",
  "%2Ffiles%2F",
  "%3D",
  "=",
  ":",
  "?",
  "&",
  "#",
  " ",
  '"',
  "\\",
  "/",
  "es_live_42",
  "0123456789",
  "portrait put off",
  "ä",
  "\n",
];
const text = fc
  .array(fc.oneof(fc.constantFrom(...PARTS), fc.string({ maxLength: 4 })), { maxLength: 8 })
  .map((parts) => parts.join(""));
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.integer(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    tie("fields"),
  ),
  fields: fc.dictionary(text, tie("value"), { maxKeys: 4 }),
}));

test("removes the same secrets from a line with and without parsing it", () => {
  fc.assert(
    fc.property(value, (logged) => {
      // As written by a logger: a value that survives a round trip through JSON.
      const line = `${JSON.stringify(logged)}\n`;
      expect(JSON.parse(cleanLine(line))).toEqual(cleanJson(JSON.parse(line)));
    }),
    { numRuns: 5_000 },
  );
});

test("keeps an ordinary line unchanged", () => {
  const line = `{"level":30, "batch":"b1","portrait":3,"msg":"portrait failed"}\n`;
  expect(cleanLine(line)).toBe(line);
});
