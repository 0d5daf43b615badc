import { rm } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import type { BatchSource, SnapshotRow } from "@darkroom/core";
import type { SourceChanges } from "../src/index.ts";
import { fixture, rowsOf } from "./fixture.ts";

async function* once(rows: readonly SnapshotRow[]): AsyncGenerator<readonly SnapshotRow[]> {
  yield rows;
}

describe.each(["csv", "jsonl"] as const)("a %s manifest that resumes at a row", (format) => {
  it("yields the same rows as a whole reading, and finds duplicates of earlier rows", async () => {
    await using folder = await fixture();
    const sources = Array.from({ length: 2_345 }, (_, i) => (i % 7 === 3 ? "../bad.jpg" : `p-${i % 2_000}.jpg`));
    const lines = sources.map((source) => (format === "csv" ? source : JSON.stringify({ source })));
    await folder.write("list", [...(format === "csv" ? ["source"] : []), ...lines].join("\n"));
    const source: BatchSource = { kind: "manifest", url: `${folder.url}list`, format, baseUrl: folder.url };
    const whole = await rowsOf(folder.open, source);
    expect(whole.map(({ index }) => index)).toEqual(sources.map((_, i) => i));
    expect(whole.filter((row) => "rejected" in row && row.rejected.field === "source").length).toBeGreaterThan(300);
    for (const index of [1, 1_000, 2_100, 2_345]) {
      const from = { index, done: once(whole.slice(0, index)) };
      expect(await rowsOf(folder.open, source, { from })).toEqual(whole.slice(index));
    }
  });
});

describe("a manifest that changed before its second reading", () => {
  it.each([
    ["in a row that is done", ["a.jpg", "x.jpg", "c.jpg"], "from portrait 1 on"],
    ["as it ends before them", ["a.jpg"], "from portrait 1 on"],
  ])("is reported and not mixed: %s", async (_, lines, where) => {
    await using folder = await fixture();
    const source: BatchSource = { kind: "manifest", url: `${folder.url}list`, format: "csv", baseUrl: folder.url };
    await folder.write("list", ["source", "a.jpg", "b.jpg", "c.jpg"].join("\n"));
    const done = (await rowsOf(folder.open, source)).slice(0, 2);
    await folder.write("list", ["source", ...lines].join("\n"));
    const reading = rowsOf(folder.open, source, { from: { index: 2, done: once(done) } });
    await expect(reading).rejects.toMatchObject({
      code: "invalid_input",
      message: expect.stringContaining(where) as unknown,
    });
  });

  it("resumes if only rows that follow have changed", async () => {
    await using folder = await fixture();
    const source: BatchSource = { kind: "manifest", url: `${folder.url}list`, format: "csv", baseUrl: folder.url };
    await folder.write("list", ["source", "a.jpg", "b.jpg"].join("\n"));
    const done = (await rowsOf(folder.open, source)).slice(0, 1);
    await folder.write("list", ["source", "a.jpg", "c.jpg", "d.jpg"].join("\n"));
    const rows = await rowsOf(folder.open, source, { from: { index: 1, done: once(done) } });
    expect(rows.map(({ source: photo }) => photo)).toEqual(["c.jpg", "d.jpg"]);
  });
});

describe("a prefix that is read again", () => {
  it("keeps finished rows, appends new ones, and reports what has changed", async () => {
    await using folder = await fixture();
    for (const name of ["b.jpg", "c.jpg", "d.jpg"]) await folder.write(`photos/${name}`, name);
    const source: BatchSource = { kind: "prefix", url: `${folder.url}photos/` };
    const whole = await rowsOf(folder.open, source);
    await folder.write("photos/a.jpg", "a.jpg");
    await folder.write("photos/c.jpg", "another photo");
    await rm(new URL(`${folder.url}photos/d.jpg`));
    const seen: SourceChanges[] = [];
    const from = { index: 3, done: once(whole), onChanges: (changes: SourceChanges) => seen.push(changes) };
    const rows = await rowsOf(folder.open, source, { from });
    expect(rows.map(({ index, source: key }) => [index, key])).toEqual([[3, "a.jpg"]]);
    expect(seen).toEqual([{ added: 1, replaced: 1, removed: 1 }]);
  });

  it("finds collisions with finished rows", async () => {
    await using folder = await fixture();
    for (const name of ["a.heic", "a.tif", "b.jpg", "c.jpg"]) await folder.write(`photos/${name}`, name);
    const source: BatchSource = { kind: "prefix", url: `${folder.url}photos/` };
    const whole = await rowsOf(folder.open, source);
    expect(whole[1]).toMatchObject({ id: "a.tif", rejected: { repeats: "destination" } });
    const from = { index: 1, done: once(whole.slice(0, 1)) };
    expect(await rowsOf(folder.open, source, { from })).toEqual(whole.slice(1));
  });
});
