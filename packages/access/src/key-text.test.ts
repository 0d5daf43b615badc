import fc from "fast-check";
import { expect, test } from "vitest";
import { hashOfKey, isKeyId, isSameHash, newKeyId, newKeyText, readKeyText } from "./key-text.ts";

test("a new key is read back with its id", () => {
  for (let n = 0; n < 1_000; n += 1) {
    const id = newKeyId();
    expect(isKeyId(id)).toBe(true);
    const text = newKeyText(id);
    expect(text).toMatch(/^dk_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/);
    expect(readKeyText(text)).toEqual({ kind: "key", id, text });
  }
});

test("no two keys are alike, and a key's hash does not contain it", () => {
  const texts = Array.from({ length: 1_000 }, () => newKeyText("abcdefghijkl"));
  expect(new Set(texts).size).toBe(texts.length);
  expect(hashOfKey(texts[0] ?? "")).toMatch(/^[0-9a-f]{64}$/);
});

test("finds every typo of one character, every swap of neighbours and every cut", () => {
  const text = newKeyText(newKeyId());
  for (let at = 3; at < text.length; at += 1) {
    const other = text[at] === "x" ? "y" : "x";
    expect(readKeyText(`${text.slice(0, at)}${other}${text.slice(at + 1)}`)).toEqual({ kind: "damaged" });
    expect(readKeyText(text.slice(0, at))).toEqual({ kind: "damaged" });
    const swapped = `${text.slice(0, at - 1)}${text[at] ?? ""}${text[at - 1] ?? ""}${text.slice(at + 1)}`;
    if (swapped !== text && swapped.startsWith("dk_")) expect(readKeyText(swapped)).toEqual({ kind: "damaged" });
  }
  expect(readKeyText(`${text} `)).toEqual({ kind: "damaged" });
  expect(readKeyText(`${text}0`)).toEqual({ kind: "damaged" });
});

test("rejects any other text as a key", () => {
  fc.assert(fc.property(fc.string(), (text) => readKeyText(text).kind !== "key"));
  fc.assert(fc.property(fc.string(), (text) => readKeyText(`dk_${text}`).kind === "damaged"));
  for (const text of ["", "DK_abc", "ghp_abcdefghijklmnopqrstuvwxyz0123456789"]) {
    expect(readKeyText(text)).toEqual({ kind: "other" });
  }
});

test("the checksum is CRC32 in base 62, as in GitHub's tokens", () => {
  const body = `dk_abcdefghijkl_${"A".repeat(43)}`;
  expect(readKeyText(`${body}3tH47h`)).toMatchObject({ kind: "key" });
});

test("compares hashes", () => {
  expect(isSameHash(hashOfKey("a"), hashOfKey("a"))).toBe(true);
  expect(isSameHash(hashOfKey("a"), hashOfKey("b"))).toBe(false);
  expect(isSameHash(hashOfKey("a"), "")).toBe(false);
});
