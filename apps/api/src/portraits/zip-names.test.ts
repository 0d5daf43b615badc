import { expect, test } from "vitest";
import { ZipNames } from "./zip-names.ts";

const CASES: readonly { readonly what: string; readonly keys: readonly string[]; readonly names: readonly string[] }[] =
  [
    { what: "keeps usual names", keys: ["a/Anna.jpg", "b/Anna.jpg"], names: ["a/Anna.jpg", "b/Anna.jpg"] },
    { what: "numbers names that differ in case", keys: ["Anna.jpg", "anna.jpg"], names: ["Anna.jpg", "anna-2.jpg"] },
    {
      what: "numbers names in folders that differ in case",
      keys: ["A/1.jpg", "a/1.jpg"],
      names: ["A/1.jpg", "a/1-2.jpg"],
    },
    {
      what: "numbers names that differ in Unicode form",
      keys: ["Zo\u00eb.jpg", "Zoe\u0308.jpg"],
      names: ["Zo\u00eb.jpg", "Zoe\u0308-2.jpg"],
    },
    { what: "numbers a replaced character", keys: ["a:b.jpg", "a_b.jpg"], names: ["a_b.jpg", "a_b-2.jpg"] },
    { what: "passes over a taken number", keys: ["a-2.jpg", "a.jpg", "A.jpg"], names: ["a-2.jpg", "a.jpg", "A-3.jpg"] },
    { what: "replaces an end that Windows drops", keys: ["team./x.jpg", "y "], names: ["team_/x.jpg", "y_"] },
    {
      what: "renames devices of Windows",
      keys: ["con.jpg", "NUL/a.jpg", "console.jpg"],
      names: ["_con.jpg", "_NUL/a.jpg", "console.jpg"],
    },
  ];

test.each(CASES)("$what", ({ keys, names }) => {
  const given = new ZipNames();
  expect(keys.map((key) => given.of(key))).toEqual(names);
});
