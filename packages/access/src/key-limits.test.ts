import { expect, test } from "vitest";
import { isLaneAllowed } from "@darkroom/core";
import { keyLimitsSchema, limitExceeded, type KeyLimits } from "./key-limits.ts";

test.each<[KeyLimits, KeyLimits, keyof KeyLimits | undefined]>([
  [{}, {}, undefined],
  [{}, { sources: "any", callsPerMinute: 5 }, undefined],
  [{ sources: "any" }, { sources: ["s3://a/"] }, undefined],
  [{ sources: ["s3://a/"] }, {}, "sources"],
  [{ sources: ["s3://a/"] }, { sources: "any" }, "sources"],
  [{ sources: ["s3://a/"] }, { sources: ["s3://a/"] }, undefined],
  [{ sources: ["s3://a/"] }, { sources: ["s3://a/b/"] }, undefined],
  [{ sources: ["s3://a/b/"] }, { sources: ["s3://a/"] }, "sources"],
  [{ sources: ["s3://a/b/"] }, { sources: ["s3://a/b/", "s3://c/"] }, "sources"],
  [{ sources: ["s3://a/b/"] }, { sources: ["s3://a/b-evil/"] }, "sources"],
  [{ sources: [] }, { sources: [] }, undefined],
  [{ destinations: ["s3://a/"] }, { destinations: ["s3://b/"] }, "destinations"],
  [{ lanes: ["acme-*"] }, { lanes: ["acme-1"] }, undefined],
  [{ lanes: ["acme-*"] }, { lanes: ["acme-b*"] }, undefined],
  [{ lanes: ["acme-*"] }, { lanes: ["acme*"] }, "lanes"],
  [{ lanes: ["acme-1"] }, { lanes: ["acme-*"] }, "lanes"],
  [{ lanes: ["acme-1"] }, {}, "lanes"],
  [{ callsPerMinute: 60 }, { callsPerMinute: 1 }, "callsPerMinute"],
  [{ rowsPerDay: 60 }, { rowsPerDay: 1 }, "rowsPerDay"],
  [{ usdPerDay: 60 }, { usdPerDay: 1 }, "usdPerDay"],
])("a key with %j that makes one with %j exceeds %s", (own, wished, limit) => {
  expect(limitExceeded(own, wished)).toBe(limit);
});

test.each<[readonly string[] | "any", string, boolean]>([
  ["any", "each-sense", true],
  [["each-sense"], "each-sense", true],
  [["each-sense"], "each-sense-2", false],
  [["each-sense*"], "each-sense-2", true],
  [["acme-*"], "acme", false],
  [["*"], "anything", true],
  [[], "each-sense", false],
  [["Each-Sense"], "each-sense", false],
])("lanes %j allow %s: %s", (lanes, lane, allowed) => {
  expect(isLaneAllowed(lanes, lane)).toBe(allowed);
});

test.each([
  [{ lanes: ["a*b"] }],
  [{ callsPerMinute: 0 }],
  [{ usdPerDay: 0 }],
  [{ usdPerDay: Infinity }],
  [{ rowsPerDay: 1.5 }],
  [{ sources: [""] }],
  [{ source: ["s3://a/"] }],
])("refuses %j", (limits) => {
  expect(keyLimitsSchema.safeParse(limits).success).toBe(false);
});
