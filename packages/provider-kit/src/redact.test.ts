import { describe, expect, it } from "vitest";
import { MAX_MESSAGE_CHARS, redact } from "./redact.ts";

const SECRETS: readonly (readonly [name: string, text: string, secret: string])[] = [
  ["a configured key", "key 4f9c-live-77 was refused", "4f9c-live-77"],
  ["a bearer token", "Authorization: Bearer abcdef123456.xyz", "abcdef123456"],
  ["a key in JSON", '{"api_key": "abc123def"}', "abc123def"],
  ["a key header", "X-API-Key=abc123def", "abc123def"],
  ["a presigned link", "cannot fetch https://b.s3.test/a.jpg?X-Amz-Signature=deadbeef&X-Amz-Date=1", "deadbeef"],
  ["a link's path", "cannot fetch https://cdn.test/secret-portrait.jpg", "secret-portrait"],
  ["a link's password", "at https://user:hunter2@cdn.test/", "hunter2"],
  ["a bare signature", "bad X-Amz-Signature=deadbeef", "deadbeef"],
  ["an AWS key id", "AKIAABCDEFGHIJKLMNOP denied", "AKIAABCDEFGHIJKLMNOP"],
  ["a vendor key", "sk-abcdefghijklmnop is unknown", "abcdefghijklmnop"],
  ["a JWT", "token eyJhbGciOiJIUzI1.eyJzdWIi.c2ln expired", "eyJzdWIi"],
  ["a data URI", "image data:image/png;base64,iVBORw0KGgo= too large", "iVBORw0KGgo"],
];

describe("redact", () => {
  it.each(SECRETS)("removes %s", (_, text, secret) => {
    const clean = redact(text, ["4f9c-live-77"]);
    expect(clean).not.toContain(secret);
    expect(clean).toMatch(/\[(?:key|link to [\w.]+|data)\]/);
  });

  it("keeps text that is not secret, and the host of a link", () => {
    expect(redact("Invalid image URL: https://b.s3.test/a.jpg?X-Amz-Signature=x (HTTP 403)")).toBe(
      "Invalid image URL: [link to b.s3.test] (HTTP 403)",
    );
    expect(redact("No face detected\nin the picture")).toBe("No face detected in the picture");
  });

  it("truncates at its limit", () => {
    expect(redact("word ".repeat(5_000))).toHaveLength(MAX_MESSAGE_CHARS);
    expect(redact("w".repeat(501))).toHaveLength(MAX_MESSAGE_CHARS);
    expect(redact("w".repeat(500))).toBe("w".repeat(500));
  });

  it("leaves no half of a key where long input is truncated", () => {
    const link = `https://cdn.test/${"p".repeat(7_000)}`;
    const text = `${link} ${"x".repeat(900)} SUPERSECRETKEY`;
    expect(redact(`${"https://a.test/".padEnd(7_990, "p")} SUPERSECRETKEY`, ["SUPERSECRETKEY"])).not.toMatch(/SUPER/);
    expect(redact(text, ["SUPERSECRETKEY"])).not.toMatch(/SUPER/);
  });

  it("stays fast on hostile input", () => {
    const started = performance.now();
    for (const text of ["api-key ", "bearer a", "https://", "eyJ.", "data:", " "]) redact(text.repeat(50_000));
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
