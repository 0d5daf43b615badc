import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { PHOTO_WARNINGS, photoWarnings, refusesPhoto, type PhotoFaces, type SeenFace } from "./photo-faces.ts";

const FACE: SeenFace = { box: { x: 200, y: 150, width: 180, height: 200 }, highlights: 200, detail: 0.2 };
const PHOTO: PhotoFaces = { width: 512, height: 640, scale: 4, isTurned: false, faces: [FACE] };
const at = (box: Partial<SeenFace["box"]>): SeenFace => ({ ...FACE, box: { ...FACE.box, ...box } });

test.each<[string, Partial<PhotoFaces>, readonly string[]]>([
  ["one clear face", {}, []],
  ["none", { faces: [] }, ["no_face"]],
  ["none in a turned photo", { faces: [], isTurned: true }, ["no_face"]],
  ["two", { faces: [FACE, at({ x: 10, width: 90, height: 100 })] }, ["several_faces"]],
  ["someone small in the background", { faces: [FACE, at({ x: 10, width: 50, height: 55 })] }, []],
  ["a face that lies", { isTurned: true }, ["turned"]],
  ["a face of 72 px", { scale: 0.4 }, ["tiny_face"]],
  ["a face of a twentieth of a large photo", { scale: 8, faces: [at({ width: 32, height: 36 })] }, ["tiny_face"]],
  ["a face that leaves at the left", { faces: [at({ x: -30 })] }, ["cut_face"]],
  ["a face that leaves at the right", { faces: [at({ x: 350 })] }, ["cut_face"]],
  ["a face that leaves at the top", { faces: [at({ y: -20 })] }, ["cut_face"]],
  ["a face that leaves at the bottom", { faces: [at({ y: 460 })] }, ["cut_face"]],
  ["a face that touches the edge", { faces: [at({ x: -10 })] }, []],
  ["a blurred face", { faces: [{ ...FACE, detail: 0.003 }] }, ["blurred_face"]],
  ["a small face with little detail", { faces: [{ ...at({ width: 50, height: 55 }), detail: 0.003 }] }, []],
  ["a dark face", { faces: [{ ...FACE, highlights: 20 }] }, ["dark_face"]],
  [
    "all at once",
    { isTurned: true, faces: [{ ...at({ x: -40 }), highlights: 9, detail: 0 }] },
    ["turned", "cut_face", "blurred_face", "dark_face"],
  ],
])("%s", (_, seen, expected) => {
  expect(photoWarnings({ ...PHOTO, ...seen })).toEqual(expected);
});

test("refuses only a photo without any face, and only under the policy `refuse`", () => {
  expect(refusesPhoto("refuse", ["no_face"])).toBe(true);
  expect(refusesPhoto("refuse", ["several_faces", "tiny_face"])).toBe(false);
  expect(refusesPhoto("warn", ["no_face"])).toBe(false);
  expect(refusesPhoto("off", ["no_face"])).toBe(false);
});

test("the docs list every warning with its text, and no others", async () => {
  const doc = await readFile(new URL("../../../../docs/likeness.md", import.meta.url), "utf8");
  const section = doc.split("\n## Before paying\n")[1]?.split("\n## ")[0] ?? "";
  const rows = [...section.matchAll(/^\| `(\w+)` \| ([^|]+) \|/gm)].map(([, code = "", text = ""]) => [
    code,
    text.trim(),
  ]);
  expect(rows).toHaveLength(Object.keys(PHOTO_WARNINGS).length);
  expect(Object.fromEntries(rows)).toEqual(PHOTO_WARNINGS);
});
