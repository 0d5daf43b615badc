import { describe, expect, it } from "vitest";
import { sourceResolver } from "./row-source.ts";

const S3 = sourceResolver({ baseUrl: "s3://team/photos/" });
const ANY = sourceResolver({ baseUrl: "s3://team/photos/", manifestSources: "any" });
const LOCAL = sourceResolver({ baseUrl: "file:///photos/2026%20A/" });
const ANY_FILE = sourceResolver({ baseUrl: "file:///photos/2026%20A/", manifestSources: "any" });
const NOWHERE = sourceResolver({});

describe("sourceResolver", () => {
  it.each([
    ["a.jpg", "a.jpg", "a.jpg"],
    ["./x/a.jpg", "x/a.jpg", "x/a.jpg"],
    ["x//a.jpg", "x//a.jpg", "x/a.jpg"],
    ["2026:1/a.jpg", "2026:1/a.jpg", "2026:1/a.jpg"],
    ["a?b#c%20.jpg", "a?b#c%20.jpg", "a?b#c%20.jpg"],
    ["s3://team/photos/x/a.jpg", "x/a.jpg", "x/a.jpg"],
    ["S3://team/photos/x/a.jpg", "x/a.jpg", "x/a.jpg"],
    // S3 keys are not encoded, so these are ordinary names.
    ["%2e%2e/other/a.jpg", "%2e%2e/other/a.jpg", "%2e%2e/other/a.jpg"],
    ["s3://team/photos/%2e%2e/other/a.jpg", "%2e%2e/other/a.jpg", "%2e%2e/other/a.jpg"],
  ])("accepts %s under an S3 base", (value, source, path) => {
    expect(S3(value)).toEqual({ source, id: source, path });
  });

  it("keeps a link unchanged, and leaves its query out of the id", () => {
    const link = "https://cdn.example/a/Jane%20Doe%2F1.jpg?X-Amz-Signature=secret";
    const { source, id, path } = S3(link);
    expect(source).toBe(link);
    expect(path).toBe("Jane Doe-1.jpg");
    expect(id).toMatch(/^https:\/\/cdn\.example\/a\/Jane%20Doe%2F1\.jpg\?[0-9a-f]{16}$/);
    expect(S3(link.replace("secret", "other")).id).not.toBe(id);
    expect(S3(link).id).toBe(id);
  });

  it("reads absolute paths under a local base as file URLs, and rejects others", () => {
    expect(LOCAL("/photos/2026 A/x/b%20é.jpg")).toMatchObject({ source: "x/b%20é.jpg" });
    expect(ANY_FILE("/other/é.jpg")).toMatchObject({ source: "file:///other/%C3%A9.jpg", path: "é.jpg" });
    expect(() => LOCAL("/other/a.jpg")).toThrow(/outside of the batch's base/);
    expect(() => LOCAL("/photos/2026 A/../../etc/passwd")).toThrow(/contains \.\./);
    expect(() => S3("/photos/a.jpg")).toThrow(/absolute path/);
    expect(() => LOCAL("~/a.jpg")).toThrow(/only a shell expands/);
    expect(S3("~/a.jpg")).toMatchObject({ source: "~/a.jpg" });
  });

  it("reads a relative Windows path under a local base, and asks for / under another", () => {
    expect(LOCAL(String.raw`team\b\a.jpg`)).toEqual({
      source: "team/b/a.jpg",
      id: "team/b/a.jpg",
      path: "team/b/a.jpg",
    });
    expect(LOCAL(String.raw`.\a.jpg`)).toMatchObject({ source: "a.jpg" });
    expect(() => LOCAL(String.raw`team\..\..\a.jpg`)).toThrow(/contains \.\./);
    expect(() => LOCAL(String.raw`\etc\a.jpg`)).toThrow(/outside of the batch's base/);
    expect(() => S3(String.raw`team\a.jpg`)).toThrow(/write \/ between folders: team\/a\.jpg$/);
  });

  it("says how to write an absolute Windows path, and to upload only what Darkroom cannot read", () => {
    const drive = String.raw`C:\Fotos\2026\Müller.jpg`;
    expect(() => LOCAL(drive)).toThrow(
      `"${drive}" is a Windows path; write the file name alone (Müller.jpg), and give its folder as baseUrl (--base), in WSL /mnt/c/Fotos/2026`,
    );
    expect(() => LOCAL(String.raw`\\nas\team\a.jpg`)).toThrow(/mount the server, write the file name alone \(a\.jpg\)/);
    expect(() => S3(drive)).toThrow(/on your computer.*; upload the photo/);
  });

  it("reads local files below a local base as keys", () => {
    const named = { source: "x/bé.jpg", id: "x/bé.jpg", path: "x/bé.jpg" };
    for (const url of ["file:///photos/2026%20A/x/b%C3%A9.jpg", "FILE:///photos/./2026 A/x/bé.jpg"]) {
      expect(LOCAL(url)).toEqual(named);
    }
  });

  it.each([
    ["S3://team/other/a.jpg", "s3://team/other/a.jpg"],
    ["s3://Other.bucket_1/x/a.jpg", "s3://Other.bucket_1/x/a.jpg"],
    ["FILE:///elsewhere/a.jpg", "file:///elsewhere/a.jpg"],
  ])("accepts %s when any source is allowed", (value, source) => {
    expect(ANY(value)).toEqual({ source, id: source, path: "a.jpg" });
    expect(ANY_FILE(value)).toEqual({ source, id: source, path: "a.jpg" });
  });

  it.each([
    "s3://team/other/a.jpg",
    "S3://team/other/a.jpg",
    "s3://team/photos-2/a.jpg",
    "s3://team/photos",
    "s3://Team/photos/a.jpg",
    "s3://team//photos/a.jpg",
    "s3://team/./photos/a.jpg",
    "s3://team/photos\\..\\other/a.jpg",
    "s3://other/photos/a.jpg",
    "file:///etc/passwd",
    "file:/etc/passwd",
    "FILE:///etc/passwd",
  ])("rejects %s, which is outside of an S3 base", (value) => {
    expect(() => S3(value)).toThrow(/outside of the batch's base/);
  });

  it.each([
    "file:///elsewhere/a.jpg",
    "file:///photos/2026%20A",
    "file:///photos/2026%20A-2/a.jpg",
    "file:///photos/2026%2520A/a.jpg",
    "file://localhost/elsewhere/a.jpg",
    "s3://photos/2026 A/a.jpg",
  ])("rejects %s, which is outside of a local base", (value) => {
    expect(() => LOCAL(value)).toThrow(/outside of the batch's base/);
  });

  it.each([
    "../other/a.jpg",
    "x/../../other/a.jpg",
    "./../other/a.jpg",
    "s3://team/photos/../other/a.jpg",
    "s3://team/photos/x/../../other/a.jpg",
    "file:///photos/2026%20A/../secret.jpg",
    "file:///photos/2026%20A/%2e%2e/secret.jpg",
    "file:///photos/2026%20A/.%2E/secret.jpg",
    "file:///photos/2026%20A/..\\secret.jpg",
    "file:///photos/2026%20A/%2e%2e%5csecret.jpg",
  ])("rejects %s, which leaves its folder", (value) => {
    for (const resolve of [S3, ANY, LOCAL, ANY_FILE]) expect(() => resolve(value)).toThrow(/leave its folder/);
  });

  it.each([
    "./s3://team/other/a.jpg",
    ".//s3://team/other/a.jpg",
    "././S3://team/other/a.jpg",
    "./file:///etc/passwd",
    "./https://127.0.0.1/a.jpg",
    "s3://team/photos/s3://team/other/a.jpg",
    "s3://team/photos/file:///etc/passwd",
  ])("rejects %s, whose key would be read as another location", (value) => {
    expect(() => S3(value)).toThrow(/looks like a URL/);
    expect(() => ANY(value)).toThrow(/looks like a URL/);
  });

  it("rejects stores without a base, unless they are allowed", () => {
    for (const value of ["s3://team/photos/a.jpg", "file:///etc/passwd"]) {
      expect(() => NOWHERE(value)).toThrow(/it is unknown which photos this manifest may name: give baseUrl/);
    }
    const archive = sourceResolver({ manifestSources: ["s3://team/archive/"] });
    expect(archive("s3://team/archive/a.jpg").source).toBe("s3://team/archive/a.jpg");
    expect(() => archive("s3://team/photos/a.jpg")).toThrow(/outside of the batch's base/);
    expect(NOWHERE("https://cdn.example/a.jpg").source).toBe("https://cdn.example/a.jpg");
  });

  it.each(["file://host/share/a.jpg", "file:///a%ZZ.jpg", "file:///a%2Fb.jpg", "file:///a%00.jpg"])(
    "rejects the file URL %s",
    (value) => {
      expect(() => LOCAL(value)).toThrow(/not a valid file URL|control character/);
    },
  );

  it.each(["mailto:a@b.example", "javascript:alert(1)"])("reads %s as a key, not as an address", (value) => {
    expect(S3(value).source).toBe(value);
  });
});

describe("with what the submitter's key may read", () => {
  const within = ["s3://team/photos/", "file:///photos/2026%20A/"];
  const keyed = sourceResolver({ baseUrl: "s3://team/photos/a/", manifestSources: "any", within });
  const local = sourceResolver({ baseUrl: "file:///photos/2026%20A/", manifestSources: "any", within });
  const uploaded = sourceResolver({ within });

  it.each(["x.jpg", "s3://team/photos/a/x.jpg", "s3://team/photos/b/x.jpg", "https://example.com/x.jpg"])(
    "accepts %s",
    (value) => {
      expect(keyed(value).path).toBe("x.jpg");
    },
  );

  it.each([
    "s3://team/x.jpg",
    "s3://team/photos-evil/x.jpg",
    "s3://Team/photos/x.jpg",
    "s3://team/Photos/x.jpg",
    "s3://team//photos/x.jpg",
    "s3://team/%70hotos/x.jpg",
    "s3://team.evil/photos/x.jpg",
    "s3://team/./photos/x.jpg",
    "file:///photos/2026%20A/x.jpg",
    "file:///etc/passwd",
  ])("rejects %s, although the manifest may name anything", (value) => {
    expect(() => keyed(value)).toThrow(/outside of what the submitter's key may read/);
    if (!value.startsWith("file:"))
      expect(() => uploaded(value)).toThrow(/outside of what the submitter's key may read/);
  });

  it("accepts local photos under the base only, where links cannot lead out", () => {
    expect(local("/photos/2026 A/x.jpg").source).toBe("x.jpg");
    expect(() => local("/photos/2026 B/x.jpg")).toThrow(/outside of what the submitter's key may read/);
    expect(() =>
      sourceResolver({ within: ["file:///photos/"], manifestSources: "any" })("file:///photos/x.jpg"),
    ).toThrow(/outside of what the submitter's key may read/);
  });
});
