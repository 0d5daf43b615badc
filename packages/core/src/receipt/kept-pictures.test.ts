import { describe, expect, it, test } from "vitest";
import { keptAtEnd, keptKeyOf, keptKeysOf, keptLink, undeliveredPart } from "./kept-pictures.ts";
import type { Call } from "./call.ts";

const open: Call = { step: 0, at: 1, generation: 0, status: "intended" };
const answered = (...urls: readonly string[]): Call => ({ ...open, status: "answered", outputs: { urls, at: 2 } });
const [MAIN, SECOND] = ["_darkroom/b/kept/0-a.jpg", "_darkroom/b/kept/0-b.jpg"];
const kept = answered(keptLink(MAIN), keptLink(SECOND));
const linked = answered("https://cdn.test/1.jpg", "https://cdn.test/2.jpg");

test("distinguishes a kept picture from a link", () => {
  expect([keptKeyOf(keptLink(MAIN)), keptKeyOf("https://cdn.test/kept:1.jpg")]).toEqual([MAIN, undefined]);
});

describe("the kept pictures of a portrait", () => {
  it.each<[string, readonly Call[], readonly string[]]>([
    ["nothing before its call", [], []],
    ["nothing while its answer is not known", [open], []],
    ["nothing that has a link", [linked], []],
    ["all pictures of its last step", [linked, kept], [MAIN, SECOND]],
    ["nothing of a step before", [kept, linked], []],
  ])("are %s", (_, calls, keys) => {
    expect(keptKeysOf({ calls })).toEqual(keys);
  });

  it.each([
    ["storage_error", [`main: ${MAIN}`, `variation-2: ${SECOND}`]],
    ["cancelled_in_flight", [`main: ${MAIN}`, `variation-2: ${SECOND}`]],
    ["ok", []],
    ["already_delivered", []],
  ] as const)("are listed if it ends as %s", (code, told) => {
    expect(keptAtEnd(code, { calls: [kept] })).toEqual(told);
  });
});

test("a part of which nothing is kept is listed without a key", () => {
  expect([undeliveredPart("variation-2"), undeliveredPart("variation-2", SECOND)]).toEqual([
    "variation-2",
    `variation-2: ${SECOND}`,
  ]);
});
