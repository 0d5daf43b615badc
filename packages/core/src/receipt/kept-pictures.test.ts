import { describe, expect, it, test } from "vitest";
import { keptAtEnd, keptKeyOf, keptKeysOf, keptLink, undeliveredPart } from "./kept-pictures.ts";
import type { Turn } from "./receipt.ts";

const turn: Turn = { intentAt: 1, generation: 0 };
const [MAIN, SECOND] = ["_darkroom/b/kept/0-a.jpg", "_darkroom/b/kept/0-b.jpg"];
const kept: Turn = { ...turn, outputUrl: keptLink(MAIN), variationUrls: [keptLink(SECOND)] };
const linked: Turn = { ...turn, outputUrl: "https://cdn.test/1.jpg", variationUrls: ["https://cdn.test/2.jpg"] };

test("a kept picture is told from a link", () => {
  expect([keptKeyOf(keptLink(MAIN)), keptKeyOf("https://cdn.test/kept:1.jpg")]).toEqual([MAIN, undefined]);
});

describe("what is kept of a portrait", () => {
  it.each<[string, readonly Turn[], readonly string[]]>([
    ["nothing before its call", [], []],
    ["nothing while its answer is not known", [turn], []],
    ["nothing that has a link", [linked], []],
    ["all pictures of its last step", [linked, kept], [MAIN, SECOND]],
    ["nothing of a step before", [kept, linked], []],
  ])("is %s", (_, turns, keys) => {
    expect(keptKeysOf({ turns })).toEqual(keys);
  });

  it.each([
    ["storage_error", [`main: ${MAIN}`, `variation-2: ${SECOND}`]],
    ["cancelled_in_flight", [`main: ${MAIN}`, `variation-2: ${SECOND}`]],
    ["ok", []],
    ["already_delivered", []],
  ] as const)("is told where it ends as %s", (code, told) => {
    expect(keptAtEnd(code, { turns: [kept] })).toEqual(told);
  });
});

test("a part of which nothing is kept is named alone", () => {
  expect([undeliveredPart("variation-2"), undeliveredPart("variation-2", SECOND)]).toEqual([
    "variation-2",
    `variation-2: ${SECOND}`,
  ]);
});
