import { describe, expect, it } from "vitest";
import type { BatchSource, SnapshotRow } from "@darkroom/core";
import { fixture, rowsOf } from "./fixture.ts";

async function* once(rows: readonly SnapshotRow[]): AsyncGenerator<readonly SnapshotRow[]> {
  yield rows;
}

describe.each(["csv", "jsonl"] as const)("a %s manifest that is read from a row on", (format) => {
  it("gives what a whole reading gives from there, duplicates of earlier rows found", async () => {
    await using folder = await fixture();
    const sources = Array.from({ length: 2_345 }, (_, i) => (i % 7 === 3 ? "../bad.jpg" : `p-${i % 2_000}.jpg`));
    const lines = sources.map((source) => (format === "csv" ? source : JSON.stringify({ source })));
    await folder.write("list", [...(format === "csv" ? ["source"] : []), ...lines].join("\n"));
    const source: BatchSource = { kind: "manifest", url: `${folder.url}list`, format, baseUrl: folder.url };
    const whole = await rowsOf(folder.open, source);
    expect(whole.map(({ index }) => index)).toEqual(sources.map((_, i) => i));
    expect(whole.filter((row) => "rejected" in row && row.rejected.field === "source").length).toBeGreaterThan(300);
    for (const index of [1, 1_000, 2_100, 2_345, 9_999]) {
      expect(await rowsOf(folder.open, source, { from: { index } })).toEqual(whole.slice(index));
    }
  });
});

describe("a prefix that is read from a key on", () => {
  it("goes on behind the key, and finds collisions with the rows that are done", async () => {
    await using folder = await fixture();
    for (const name of ["a.heic", "a.jpg", "b.jpg", "c.jpg"]) await folder.write(`photos/${name}`, name);
    const source: BatchSource = { kind: "prefix", url: `${folder.url}photos/` };
    const whole = await rowsOf(folder.open, source);
    expect(whole[1]).toMatchObject({ id: "a.jpg", rejected: { field: "destination" } });
    const from = { index: 1, startAfterKey: "a.heic", done: once(whole.slice(0, 1)) };
    expect(await rowsOf(folder.open, source, { from })).toEqual(whole.slice(1));
    expect(await rowsOf(folder.open, source, { from: { index: 3, startAfterKey: "b.jpg" } })).toEqual(whole.slice(3));
    expect(await rowsOf(folder.open, source, { from: { index: 2 } })).toEqual(whole.slice(2));
  });
});
