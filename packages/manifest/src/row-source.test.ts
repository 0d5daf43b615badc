import { describe, expect, it } from "vitest";
import { sourceResolver } from "./row-source.ts";

const S3 = sourceResolver("s3://team/photos/", "s3://team/list.csv");
const LOCAL = sourceResolver("file:///photos/2026%20A/", "file:///photos/list.csv");
const LOCAL_FROM_S3 = sourceResolver("file:///photos/2026%20A/", "s3://team/list.csv");

describe("sourceResolver", () => {
  it.each([
    ["a.jpg", "a.jpg", "a.jpg"],
    ["./x/a.jpg", "x/a.jpg", "x/a.jpg"],
    ["x//a.jpg", "x//a.jpg", "x/a.jpg"],
    ["2026:1/a.jpg", "2026:1/a.jpg", "2026:1/a.jpg"],
    ["a?b#c%20.jpg", "a?b#c%20.jpg", "a?b#c%20.jpg"],
    ["s3://team/photos/x/a.jpg", "x/a.jpg", "x/a.jpg"],
    ["S3://team/other/a.jpg", "s3://team/other/a.jpg", "a.jpg"],
    ["s3://Other.bucket_1/x/a.jpg", "s3://Other.bucket_1/x/a.jpg", "a.jpg"],
  ])("takes %s under an S3 base", (value, source, path) => {
    expect(S3(value)).toEqual({ source, id: source, path });
  });

  it("takes a link as it is, and keeps its query out of the id", () => {
    const link = "https://cdn.example/a/Jane%20Doe%2F1.jpg?X-Amz-Signature=secret";
    const { source, id, path } = S3(link);
    expect(source).toBe(link);
    expect(path).toBe("Jane Doe-1.jpg");
    expect(id).toMatch(/^https:\/\/cdn\.example\/a\/Jane%20Doe%2F1\.jpg\?[0-9a-f]{16}$/);
    expect(S3(link.replace("secret", "other")).id).not.toBe(id);
    expect(S3(link).id).toBe(id);
  });

  it("takes local files below a local base as keys", () => {
    expect(LOCAL("file:///photos/2026%20A/x/b%C3%A9.jpg")).toEqual({
      source: "x/bé.jpg",
      id: "x/bé.jpg",
      path: "x/bé.jpg",
    });
    expect(LOCAL_FROM_S3("file:///photos/2026%20A/a.jpg").source).toBe("a.jpg");
  });

  it("takes other local files from a local manifest only", () => {
    expect(LOCAL("file:///elsewhere/a.jpg")).toEqual({
      source: "file:///elsewhere/a.jpg",
      id: "file:///elsewhere/a.jpg",
      path: "a.jpg",
    });
    expect(() => LOCAL_FROM_S3("file:///elsewhere/a.jpg")).toThrow(/outside of the batch's own folder/);
    expect(() => LOCAL_FROM_S3("file:///photos/2026%20A/../secret.jpg")).toThrow(/leave its folder/);
    expect(() => LOCAL_FROM_S3("file:///photos/2026%20A/%2e%2e/secret.jpg")).toThrow(/leave its folder/);
    expect(() => S3("file:///photos/a.jpg")).toThrow(/file:\/\/ URL/);
    expect(() => S3("file:/etc/passwd")).toThrow(/file:\/\/ URL/);
  });

  it.each(["file://host/share/a.jpg", "file:///a%ZZ.jpg", "file:///a%2Fb.jpg", "file:///a%00.jpg"])(
    "refuses the file URL %s",
    (value) => {
      expect(() => LOCAL(value)).toThrow(/no valid file URL|control character/);
    },
  );

  it.each(["mailto:a@b.example", "javascript:alert(1)"])("takes %s for a key and not for an address", (value) => {
    expect(S3(value).source).toBe(value);
  });
});
