import { describe, expect, it } from "vitest";
import { signLink, verifyLink } from "./links.ts";

const TARGET = { storeUrl: "file:///photos/ü/", key: "ana b.jpg" };
const NOW = 1_790_000_000_000;
const refused = expect.objectContaining({ code: "unauthorized" });

describe("verifyLink", () => {
  it("returns the signed claims until the link expires", () => {
    const token = signLink("secret", TARGET, NOW + 60_000);
    expect(token).toMatch(/^[\w-]+\.[\w-]+$/);
    expect(verifyLink("secret", token, NOW)).toEqual(TARGET);
    expect(verifyLink("secret", token, NOW + 59_999)).toEqual(TARGET);
    expect(() => verifyLink("secret", token, NOW + 60_000)).toThrow(expect.objectContaining({ code: "link_expired" }));
  });

  it("rejects another secret, an empty secret and any change", () => {
    const token = signLink("secret", TARGET, NOW + 60_000);
    expect(() => verifyLink("other", token, NOW)).toThrow(refused);
    expect(() => verifyLink("", signLink("", TARGET, NOW + 60_000), NOW)).toThrow(refused);
    for (let at = 0; at < token.length; at++) {
      // The last digit of each part has unused bits, and changing those has no effect.
      if (at === token.length - 1 || token[at + 1] === ".") continue;
      const changed = token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1);
      expect(() => verifyLink("secret", changed, NOW)).toThrow(refused);
    }
  });

  it.each(["", ".", "..", "a.b", "a.b.c", "%%%"])("rejects %j", (token) => {
    expect(() => verifyLink("secret", token, NOW)).toThrow(refused);
  });
});
