import { describe, expect, it } from "vitest";
import { joinManifestSources, mayName, type ManifestSources } from "./manifest-sources.ts";

const S3 = "s3://photos/incoming/";
const FOLDER = "file:///srv/in/";
const ARCHIVE = ["s3://archive/", "file:///srv/shared/"];

const NAMED: readonly (readonly [url: string, base: string | undefined, others: ManifestSources, may: boolean])[] = [
  ["s3://photos/incoming/a.jpg", S3, [], true],
  ["s3://photos/incoming/x/y/a.jpg", S3, [], true],
  ["s3://photos/gross/p1.jpg", S3, [], false],
  ["s3://photos/a.jpg", S3, [], false],
  ["s3://photos/incoming-2/a.jpg", S3, [], false],
  ["s3://photos/incoming", S3, [], false],
  ["s3://photos/incoming/", S3, [], false],
  ["s3://photos/Incoming/a.jpg", S3, [], false],
  ["s3://photos-2/incoming/a.jpg", S3, [], false],
  ["s3://Photos/incoming/a.jpg", S3, [], false],
  ["file:///incoming/a.jpg", S3, [], false],
  ["s3://photos/gross/p1.jpg", "s3://photos/", [], true],
  ["file:///srv/in/a.jpg", FOLDER, [], true],
  ["file:///srv/in-2/a.jpg", FOLDER, [], false],
  ["file:///etc/passwd", FOLDER, [], false],
  ["s3://srv/in/a.jpg", FOLDER, [], false],
  ["s3://photos/incoming/a.jpg", undefined, [], false],
  ["file:///srv/in/a.jpg", undefined, [], false],
  ["s3://archive/2025/a.jpg", S3, ARCHIVE, true],
  ["s3://archive-2/a.jpg", S3, ARCHIVE, false],
  ["file:///srv/shared/a.jpg", undefined, ARCHIVE, true],
  ["s3://photos/incoming/a.jpg", S3, ARCHIVE, true],
  ["s3://photos/gross/p1.jpg", S3, ARCHIVE, false],
  ["s3://photos/gross/p1.jpg", S3, "any", true],
  ["file:///etc/passwd", undefined, "any", true],
  // Without its trailing slash, the prefix would also match other names with the same beginning.
  ["s3://photos/gross/p1.jpg", "s3://photos/gr", [], false],
  ["s3://photos/gross/p1.jpg", S3, ["", "s3://photos/gr"], false],
];

describe("mayName", () => {
  it.each(NAMED)("%s under %s, beside %o: %s", (url, base, others, may) => {
    expect(mayName(url, { base, others })).toBe(may);
  });
});

describe("joinManifestSources", () => {
  it.each([
    [undefined, undefined, []],
    [["s3://a/"], undefined, ["s3://a/"]],
    [["s3://a/"], ["s3://b/", "s3://a/"], ["s3://a/", "s3://b/"]],
    ["any", ["s3://b/"], "any"],
    [["s3://a/"], "any", "any"],
  ] as const)("%o and %o are %o", (deployment, submission, both) => {
    expect(joinManifestSources(deployment, submission)).toEqual(both);
  });
});
