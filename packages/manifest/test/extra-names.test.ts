import { describe, expect, it } from "vitest";
import { isRejected, type BatchSource, type SnapshotRow } from "@darkroom/core";
import { fixture, manifestRows, rowsOf, type Wishes } from "./fixture.ts";

const csv = (...lines: readonly string[]): string => ["source,destination", ...lines].join("\n");
const shown = (rows: readonly SnapshotRow[]): readonly string[] =>
  rows.map((row) => (isRejected(row) ? row.rejected.message : row.destination));
const three: Wishes = { output: { format: "source", variations: 3 } };
const cut: Wishes = { output: { format: "source", deliveries: [{ name: "linkedin", template: "{name}.{ext}" }] } };

describe("names of variations and deliveries", () => {
  it("are not given to a later row's result, and a later row's do not overwrite an earlier result", async () => {
    const rows = csv("a.jpg,anna.jpg", "b.jpg,anna-2.jpg", "c.jpg,anna-4.jpg", "d.jpg,bob-3.jpg", "e.jpg,bob.jpg");
    expect(shown(await manifestRows("csv", rows))).toEqual([
      "anna.jpg",
      "anna-2.jpg",
      "anna-4.jpg",
      "bob-3.jpg",
      "bob.jpg",
    ]);
    const [anna, second, fourth, third, bob] = await manifestRows("csv", rows, three);
    expect([anna, fourth, third].map((row) => row && "rejected" in row)).toEqual([false, false, false]);
    expect(second).toMatchObject({ rejected: { field: "destination", repeats: "destination" } });
    expect(bob).toMatchObject({
      rejected: { repeats: "destination", message: expect.stringContaining('"bob-3.jpg"') as string },
    });
  });

  it("are released when their row is rejected", async () => {
    const rows = csv("a.jpg,anna-2.jpg", "b.jpg,anna.jpg", "c.jpg,anna-3.jpg");
    expect((await manifestRows("csv", rows, three)).map((row) => "rejected" in row)).toEqual([false, true, false]);
  });

  it("collide for cuts of the same name from two folders, and for a cut with a result", async () => {
    const rows = csv("a.jpg,x/anna.png", "b.jpg,y/anna.png", "c.jpg,anna.jpg", "d.jpg,x/bob.png");
    const [, second, third, fourth] = shown(await manifestRows("csv", rows, cut));
    expect(second).toContain('where a variation or delivery of "y/anna.png" would go');
    expect(third).toContain("give this row its own destination");
    expect(fourth).toBe("x/bob.png");
  });

  it("are rejected in a row that would overwrite itself", async () => {
    const [row] = await manifestRows("csv", csv("a.jpg,anna.jpg"), cut);
    expect(row).toMatchObject({ rejected: { repeats: "destination" } });
  });

  it("ignore case if folders do", async () => {
    const rows = csv("a.jpg,ANNA-2.JPG", "b.jpg,anna.jpg");
    expect((await manifestRows("csv", rows, three)).every((row) => !("rejected" in row))).toBe(true);
    const [, second] = await manifestRows("csv", rows, { ...three, foldCase: true });
    expect(second).toMatchObject({ rejected: { repeats: "destination" } });
  });

  it("are known for the rows of an earlier reading", async () => {
    await using folder = await fixture();
    for (const name of ["anna.jpg", "anna_2.jpg", "bob.jpg"]) await folder.write(`photos/${name}`, name);
    const source: BatchSource = { kind: "prefix", url: `${folder.url}photos/` };
    const clash: Wishes = {
      output: { format: "source", deliveries: [{ name: "resume", template: "{path}_2.jpg" }] },
    };
    const whole = await rowsOf(folder.open, source, clash);
    expect(whole.map((row) => "rejected" in row)).toEqual([false, true, false]);
    async function* done() {
      yield whole.slice(0, 1);
    }
    const from = { index: 1, done: done() };
    expect(await rowsOf(folder.open, source, { ...clash, from })).toEqual(whole.slice(1));
  });
});
