import { expect, test } from "vitest";
import { probablyMeant } from "./probably-meant.ts";

const KNOWN = ["source", "id", "destination", "profile_ids", "prompt", "preset", "mode", "intensity"];

test.each([
  ["modus", "mode"],
  ["Mdoe", "mode"],
  ["destinaton", "destination"],
  ["dest", "destination"],
  ["Profil IDs", "profile_ids"],
  ["profile", "profile_ids"],
  ["promt", "prompt"],
  ["ids", "id"],
  ["code", undefined],
  ["role", undefined],
  ["name", undefined],
  ["team", undefined],
  ["uid", undefined],
  ["person", undefined],
  ["pro", undefined],
  ["", undefined],
])("%j probably means %j", (name, meant) => {
  expect(probablyMeant(name, [...KNOWN, ...KNOWN])).toBe(meant);
});

test("an ambiguous beginning means no name", () => {
  expect(probablyMeant("time", ["timeZone", "timeOfDay"])).toBeUndefined();
});
