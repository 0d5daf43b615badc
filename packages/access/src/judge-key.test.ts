import { expect, test } from "vitest";
import { judgeKey, type KeyVerdict } from "./judge-key.ts";
import { withNewSecret, type KeyRecord } from "./key-record.ts";
import { hashOfKey } from "./key-text.ts";

const NOW = Date.parse("2026-11-21T12:00:00.000Z");
const HOUR_MS = 3_600_000;
const [FIRST, SECOND, THIRD] = ["first", "second", "third"].map(hashOfKey) as [string, string, string];

const KEY: KeyRecord = {
  format: 1,
  id: "abcdefghijkl",
  name: "a studio",
  tenant: "default",
  scopes: ["read"],
  limits: {},
  createdAt: "2026-11-01T00:00:00.000Z",
  createdBy: "root",
  secrets: [{ hash: FIRST, createdAt: "2026-11-01T00:00:00.000Z" }],
};
const ROTATED = withNewSecret(KEY, SECOND, NOW, HOUR_MS);

test.each<[string, KeyRecord | undefined, string, number, KeyVerdict]>([
  ["its secret", KEY, FIRST, NOW, "good"],
  ["another secret", KEY, SECOND, NOW, "wrong"],
  ["an unknown id", undefined, FIRST, NOW, "wrong"],
  ["an unknown id with the placeholder", undefined, "0".repeat(64), NOW, "wrong"],
  ["a revoked key", { ...KEY, revokedAt: "2026-11-20T00:00:00.000Z" }, FIRST, NOW, "revoked"],
  ["a wrong secret of a revoked key", { ...KEY, revokedAt: "2026-11-20T00:00:00.000Z" }, SECOND, NOW, "wrong"],
  ["a key just before it expires", { ...KEY, expiresAt: "2026-11-21T12:00:00.001Z" }, FIRST, NOW, "good"],
  ["a key as it expires", { ...KEY, expiresAt: "2026-11-21T12:00:00.000Z" }, FIRST, NOW, "expired"],
  ["the new secret", ROTATED, SECOND, NOW, "good"],
  ["the former secret in its grace", ROTATED, FIRST, NOW + HOUR_MS - 1, "good"],
  ["the former secret after its grace", ROTATED, FIRST, NOW + HOUR_MS, "rotated"],
  ["the former secret without grace", withNewSecret(KEY, SECOND, NOW, 0), FIRST, NOW, "wrong"],
  ["the oldest of three secrets", withNewSecret(ROTATED, THIRD, NOW, HOUR_MS), FIRST, NOW, "wrong"],
  ["the second of three secrets", withNewSecret(ROTATED, THIRD, NOW, HOUR_MS), SECOND, NOW, "good"],
])("judges %s", (_, record, hash, nowMs, verdict) => {
  expect(judgeKey(record, hash, nowMs)).toBe(verdict);
});
