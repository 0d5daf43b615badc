import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { joinUrl, parseStoreUrl, splitObjectUrl, toObjectUrl, toStoreUrl } from "./urls.ts";

describe("parseStoreUrl", () => {
  it.each([
    [
      "s3://team/headshots/2026/",
      { kind: "s3", bucket: "team", prefix: "headshots/2026/" },
      "s3://team/headshots/2026/",
    ],
    ["s3://team/headshots", { kind: "s3", bucket: "team", prefix: "headshots/" }, "s3://team/headshots/"],
    ["s3://team", { kind: "s3", bucket: "team", prefix: "" }, "s3://team/"],
    ["s3://team/a b/100%?#/", { kind: "s3", bucket: "team", prefix: "a b/100%?#/" }, "s3://team/a b/100%?#/"],
    ["file:///photos/team", { kind: "local", folder: "/photos/team" }, "file:///photos/team/"],
    ["file:///photos/a%20b%23/%C3%BC/", { kind: "local", folder: "/photos/a b#/ü" }, "file:///photos/a%20b%23/%C3%BC/"],
    ["file:///photos/x/../y/", { kind: "local", folder: "/photos/y" }, "file:///photos/y/"],
    ["file:///", { kind: "local", folder: "/" }, "file:///"],
  ])("parses %s", (url, parts, canonical) => {
    expect(parseStoreUrl(url)).toEqual({ ...parts, url: canonical });
    expect(parseStoreUrl(canonical).url).toBe(canonical);
  });

  it.each([
    "https://example.com/a/",
    "s3:/team/a/",
    "s3://",
    "s3:///a/",
    "s3://team/a/../b/",
    "file://host/a/",
    "file:///a%2Fb/",
    "file:///a?b/",
    "/photos/",
    "",
  ])("rejects %j", (url) => {
    expect(() => parseStoreUrl(url)).toThrow(expect.objectContaining({ code: "invalid_input" }));
  });

  it("rejects a folder with a NUL, which no file system allows", () => {
    expect(() => parseStoreUrl("file:///photos/%00/")).toThrow(expect.objectContaining({ code: "invalid_input" }));
    expect(() => splitObjectUrl("file:///photos/%00.csv")).toThrow(expect.objectContaining({ code: "invalid_input" }));
  });

  it("does not repeat credentials from a URL", () => {
    for (const url of ["s3://AKIA1:topsecret@team/a/", "https://me:topsecret@example.com/"]) {
      expect(() => parseStoreUrl(url)).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining("topsecret") }),
      );
    }
  });
});

describe("splitObjectUrl", () => {
  it.each([
    ["s3://b/a/c.csv", "s3://b/a/", "c.csv"],
    ["s3://b/c.csv", "s3://b/", "c.csv"],
    ["s3://b/a b/ü?#%20.csv", "s3://b/a b/", "ü?#%20.csv"],
    ["file:///data/team%20a/m%25.csv", "file:///data/team%20a/", "m%.csv"],
    ["file:///m.csv", "file:///", "m.csv"],
  ])("splits %s into store and key", (url, storeUrl, key) => {
    expect(splitObjectUrl(url)).toEqual({ storeUrl, key });
    expect(joinUrl(storeUrl, key)).toBe(url);
  });

  it.each(["s3://b/a/", "s3://b", "file:///data/", "https://example.com/a.csv", "a.csv"])("rejects %s", (url) => {
    expect(() => splitObjectUrl(url)).toThrow(expect.objectContaining({ code: "invalid_input" }));
  });

  it("reverses joinUrl for any name", () => {
    const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 }).filter((text) => {
      return !/[/\0]/.test(text) && text !== "." && text !== ".." && text.isWellFormed();
    });
    fc.assert(
      fc.property(name, name, (folder, key) => {
        for (const root of ["s3://bucket/", "file:///root/"]) {
          const storeUrl = parseStoreUrl(joinUrl(root, folder)).url;
          expect(splitObjectUrl(joinUrl(storeUrl, key))).toEqual({ storeUrl, key });
        }
      }),
    );
  });
});

describe("toStoreUrl", () => {
  it.each([
    ["photos", "file:///home/ana/photos/"],
    ["./a b/../ü#/", "file:///home/ana/%C3%BC%23/"],
    [".", "file:///home/ana/"],
    ["/mnt/team", "file:///mnt/team/"],
    ["s3://team/a", "s3://team/a/"],
    ["file:///mnt/x", "file:///mnt/x/"],
  ])("turns %s into a URL that ends with a slash", (input, url) => {
    expect(toStoreUrl(input, "/home/ana")).toBe(url);
  });

  it.each(["", "  ", "https://example.com/", "s3:team/a", "gs://team/a"])("rejects %j", (input) => {
    expect(() => toStoreUrl(input, "/home/ana")).toThrow(expect.objectContaining({ code: "invalid_input" }));
  });
});

describe("toObjectUrl", () => {
  it.each([
    ["team.csv", "file:///home/ana/team.csv"],
    ["../bo/m 1.jsonl", "file:///home/bo/m%201.jsonl"],
    ["s3://team/a/m.csv", "s3://team/a/m.csv"],
  ])("turns %s into the URL of one object", (input, url) => {
    expect(toObjectUrl(input, "/home/ana")).toBe(url);
  });
});
