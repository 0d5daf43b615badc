import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { manifestFormat } from "@darkroom/intake";
import { tempFolder, type TempFolder } from "@darkroom/testkit";
import { isManifestName, resolvePlaces, type PlaceRules } from "./places.ts";

let folder: TempFolder;
let here: PlaceRules;

beforeEach(async () => {
  folder = await tempFolder();
  await mkdir(join(folder.path, "photos"));
  await writeFile(join(folder.path, "relative.csv"), "source,id\nphotos/a.jpg,a\n");
  await writeFile(join(folder.path, "whole.jsonl"), '{"source":"s3://studio/raw/a.jpg"}\n');
  await writeFile(join(folder.path, "a.jpg"), "no manifest");
  here = { cwd: folder.path, seesLocalFiles: true, uploads: false };
});
afterEach(async () => await folder.remove());

const url = (path: string): string => new URL(path, `${pathToFileURL(folder.path).href}/`).href;

describe("a source and a destination", () => {
  it("as folders are relative to the current directory", async () => {
    expect(await resolvePlaces({ source: "photos", destination: "out" }, here)).toEqual({
      source: url("photos/"),
      destination: url("out/"),
    });
  });

  it("in S3 are used unchanged, with a trailing slash", async () => {
    expect(await resolvePlaces({ source: "s3://studio/raw", destination: "s3://studio/done/" }, here)).toEqual({
      source: "s3://studio/raw/",
      destination: "s3://studio/done/",
    });
    expect(
      await resolvePlaces({ source: "s3://studio/team.csv", destination: "s3://b/", base: "s3://c/x" }, here),
    ).toEqual({ source: "s3://studio/team.csv", baseUrl: "s3://c/x/", destination: "s3://b/" });
  });

  it("that do not exist, or are not a manifest, are rejected", async () => {
    await expect(resolvePlaces({ source: "nowhere", destination: "out" }, here)).rejects.toThrow(
      /there is no .*nowhere/,
    );
    await expect(resolvePlaces({ source: "a.jpg", destination: "out" }, here)).rejects.toThrow(
      /neither a folder nor a manifest/,
    );
    await mkdir(join(folder.path, "team.numbers"));
    await expect(resolvePlaces({ source: "team.numbers", destination: "out" }, here)).rejects.toThrow(
      /is a spreadsheet; save the sheet as "CSV UTF-8"/,
    );
    const sheet = "https://docs.google.com/spreadsheets/d/abc/edit#gid=0";
    await expect(resolvePlaces({ source: sheet, destination: "out" }, here)).rejects.toThrow(/File > Download > Comma/);
    await expect(resolvePlaces({ source: "https://photos.example/team/", destination: "out" }, here)).rejects.toThrow(
      /list the https:\/\/ links of the photos in a CSV/,
    );
    await expect(resolvePlaces({ source: "photos", destination: "ftp://x/y" }, here)).rejects.toThrow(/s3:\/\//);
  });
});

describe("a local manifest", () => {
  it("is named if the API sees it, with its folder as the base", async () => {
    expect(await resolvePlaces({ source: "relative.csv", destination: "s3://b/" }, here)).toEqual({
      source: url("relative.csv"),
      baseUrl: url("./"),
      manifestSources: "any",
      destination: "s3://b/",
    });
  });

  it("is uploaded to a remote API", async () => {
    const there = { ...here, seesLocalFiles: false, uploads: true };
    expect(await resolvePlaces({ source: "whole.jsonl", destination: "s3://b/" }, there)).toEqual({
      upload: join(folder.path, "whole.jsonl"),
      manifestSources: "any",
      destination: "s3://b/",
    });
    expect(await resolvePlaces({ source: "relative.csv", destination: "s3://b/", base: "s3://b/raw" }, there)).toEqual({
      upload: join(folder.path, "relative.csv"),
      baseUrl: "s3://b/raw/",
      destination: "s3://b/",
    });
    await expect(resolvePlaces({ source: "relative.csv", destination: "s3://b/" }, there)).rejects.toThrow(
      /does not see the folder/,
    );
  });

  it("keeps its folder as the base when it is uploaded to an API on this machine", async () => {
    const named = { ...here, uploads: true };
    expect(await resolvePlaces({ source: "relative.csv", destination: "out" }, named)).toMatchObject({
      baseUrl: url("./"),
    });
    expect(await resolvePlaces({ source: "whole.jsonl", destination: "out" }, named)).not.toHaveProperty("baseUrl");
  });
});

describe("what a manifest's rows may name beside the base", () => {
  const named = async (source: string, more: object = {}) =>
    (await resolvePlaces({ source, destination: "s3://b/", ...more }, here)).manifestSources;

  it("is anything in a user's own list, unless the base is given", async () => {
    expect(await named("whole.jsonl")).toBe("any");
    expect(await named("whole.jsonl", { base: "s3://studio/raw/" })).toBeUndefined();
    expect(await named("s3://studio/team.csv")).toBeUndefined();
  });

  it("is what the user says", async () => {
    const places = { manifestSources: ["s3://archive/2025", "photos"] };
    const both = ["s3://archive/2025/", url("photos/")];
    expect(await named("whole.jsonl", places)).toEqual(both);
    expect(await named("whole.jsonl", { ...places, base: "s3://studio/raw/" })).toEqual(both);
    expect(await named("s3://studio/team.csv", { manifestSources: ["any"] })).toBe("any");
    expect(await named("whole.jsonl", { manifestSources: [] })).toBeUndefined();
  });
});

describe("folders that cannot be reached", () => {
  it("are rejected for a remote API", async () => {
    const there = { ...here, seesLocalFiles: false, uploads: true };
    await expect(resolvePlaces({ source: "photos", destination: "s3://b/" }, there)).rejects.toMatchObject({
      field: "source",
    });
    await expect(resolvePlaces({ source: "s3://a/", destination: "out" }, there)).rejects.toMatchObject({
      field: "destination",
    });
  });
});

it("accepts the same names for manifests as the API", () => {
  const names = [
    "a.csv",
    "A.CSV",
    "a.tsv",
    "a.jsonl",
    "a.ndjson.gz",
    "a.csv.gz",
    "a.json",
    "a.jpg",
    "csv",
    "a.csv/",
    "a.gz",
  ];
  expect(names.map(isManifestName)).toEqual(names.map((name) => manifestFormat(name) !== undefined));
});
