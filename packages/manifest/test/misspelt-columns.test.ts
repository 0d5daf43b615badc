import { expect, it } from "vitest";
import { manifestRows, type Wishes } from "./fixture.ts";

async function notesOf(format: "csv" | "jsonl", content: string, wishes: Wishes = {}): Promise<readonly string[]> {
  const notes: string[] = [];
  await manifestRows(format, content, { ...wishes, onNote: (note) => notes.push(note) });
  return notes;
}

const MODUS = 'The column "modus": did you mean "mode"? It is carried along and changes nothing.';
const DESTINATON = 'The column "destinaton": did you mean "destination"? It is carried along and changes nothing.';

it.each([
  ["csv", "source,id,modus,destinaton\na.jpg,1,max,x.jpg\n"],
  ["jsonl", '{"source":"a.jpg","modus":"max"}\n{"source":"b.jpg","destinaton":"x.jpg"}\n'],
] as const)("misspelt columns of a %s manifest are named with what was meant", async (format, content) => {
  expect(await notesOf(format, content)).toEqual([MODUS, DESTINATON]);
});

it("columns of one's own, and names beside the column that they resemble, need no word", async () => {
  expect(await notesOf("csv", "source,team,department,code,mode,modus\na.jpg,x,y,z,max,q\n")).toEqual([]);
});

it("a column that the template asks for is meant as it is", async () => {
  expect(await notesOf("csv", "source,dest\na.jpg,north\n", { template: "{Dest}/{name}.{ext}" })).toEqual([]);
  expect(await notesOf("csv", "source,dest\na.jpg,north\n")).toHaveLength(1);
});

it("no more than a handful of notes is made, however many columns there are", async () => {
  const rows = Array.from({ length: 500 }, (_, n) =>
    JSON.stringify({ source: `${n}.jpg`, [`mode${n % 10}${"_".repeat(n)}`]: "max" }),
  );
  expect((await notesOf("jsonl", rows.join("\n"))).length).toBe(5);
});
