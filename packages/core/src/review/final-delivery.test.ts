import { expect, test } from "vitest";
import { RESULT_METADATA } from "../delivery/result-metadata.ts";
import { DELIVERED_LINE, finalAction, finalKey, whatIsAtFinalKey } from "./final-delivery.ts";

const row = { index: 4, id: "anna", destination: "team/anna.png", carried: { role: "CEO", name: "x", way: "../.." } };

test.each([
  [undefined, "team/anna.png"],
  ["{role}/{id}", "CEO/anna.png"],
  ["final/{path}.{ext}", "final/team/anna.png"],
  ["{name}-{index}.jpg", "anna-4.jpg.png"],
])("%j → %s", (template, key) => {
  expect(finalKey(template, row)).toBe(key);
});

test.each([["../{id}"], ["/{id}"], ["{way}/{id}"], ["_darkroom/{id}"], ["{nobody}"], ["a//{id}"]])(
  "%s never leaves the prefix",
  (template) => {
    const leaves = (): string => finalKey(template, { ...row, carried: { ...row.carried, way: ".." } });
    expect(leaves).toThrow(/destination name|template|reserved/);
  },
);

const mine = {
  [DELIVERED_LINE]: "1",
  [RESULT_METADATA.batch]: "b",
  [RESULT_METADATA.portrait]: "4",
  [RESULT_METADATA.sha256]: "d",
};

test.each([
  ["nothing", undefined],
  ["same", mine],
  ["earlier", { ...mine, [RESULT_METADATA.sha256]: "e" }],
  ["others", { ...mine, [RESULT_METADATA.portrait]: "5" }],
  ["others", { ...mine, [RESULT_METADATA.batch]: "c" }],
  ["others", { ...mine, [RESULT_METADATA.part]: "linkedin" }],
  ["others", { [RESULT_METADATA.batch]: "b", [RESULT_METADATA.portrait]: "4", [RESULT_METADATA.sha256]: "d" }],
  ["others", {}],
])("%s: %j", (what, metadata) => {
  const head = metadata === undefined ? undefined : { metadata };
  expect(whatIsAtFinalKey(head, { batchId: "b", index: 4, digest: "d" })).toBe(what);
});

test.each([
  ["approved", 3, "copy"],
  ["rejected", 3, "remove"],
  ["undecided", 3, "remove"],
  ["undecided", 0, "none"],
] as const)("%s at line %i: %s", (state, line, action) => {
  expect(finalAction({ state, line })).toBe(action);
});
