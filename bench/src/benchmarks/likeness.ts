import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { judgeFace, type FaceComparison, type FaceFinding } from "@darkroom/core";
import { FaceFinder } from "@darkroom/faces";
import { facePixelsOf } from "@darkroom/imaging";
import { PictureDesk, WrongFaces, type WrongFace } from "@darkroom/twin";
import { compareFoundFaces, type SeenFaces } from "@darkroom/worker";
import sharp from "sharp";
import { atLeast, atMost, defineBenchmark, median, type Figure } from "../benchmark.ts";

const EXAMPLES = fileURLToPath(new URL("../../../examples/", import.meta.url));
const PROMPT = "Apply a professional polish, moderate intensity.";

/** Photos of each person. People who look to the side have no measures of structure and skin. */
const PEOPLE: readonly { readonly isFrontal: boolean; readonly photos: readonly string[] }[] = [
  {
    isFrontal: true,
    photos: ["engineering/portrait-02.jpg", "sales/portrait-01.jpg", "sales/portrait-04.jpg", "sales/portrait-05.jpg"],
  },
  { isFrontal: true, photos: ["engineering/portrait-01.jpg", "sales/portrait-02.jpg", "engineering/portrait-04.jpg"] },
  { isFrontal: false, photos: ["engineering/portrait-03.jpg", "sales/portrait-03.jpg", "engineering/portrait-05.png"] },
].map(({ isFrontal, photos }) => ({ isFrontal, photos: photos.map((photo) => `${EXAMPLES}team/${photo}`) }));

const FAULTS: readonly { readonly face: WrongFace; readonly finding: FaceFinding; readonly frontalOnly?: boolean }[] = [
  { face: "another_person", finding: "another_person" },
  { face: "narrowed", finding: "structure", frontalOnly: true },
  { face: "lightened", finding: "skin_tone", frontalOnly: true },
  { face: "second_face", finding: "face_gained" },
  { face: "lost_face", finding: "face_lost" },
];

interface Photo {
  readonly person: number;
  readonly isFrontal: boolean;
  readonly path: string;
  readonly bytes: Buffer;
  readonly format: string;
  readonly seen: SeenFaces;
}

/** The findings of the face comparison for the example team: enhanced, and with each of the simulator's wrong faces. */
export const likeness = defineBenchmark({
  name: "likeness",
  title:
    "likeness, structure and skin of the example team before and after, and the share of wrong faces that are found",
  sizes: { photos: 4 },
  tinySizes: { photos: 1 },
  run: async ({ photos: each }, say) => {
    const finder = new FaceFinder({ enabled: true, onUnavailable: say });
    try {
      const { photos, cpuMs } = await readPhotos(finder, each);
      say(`${photos.length} photos of ${PEOPLE.length} people`);
      const figures = [...betweenPhotos(photos), ...(await beforeAndAfter(finder, photos))];
      const cost: Figure = { name: "CPU to find the faces of a picture", value: median(cpuMs), unit: "ms" };
      return {
        figures: [...figures, ...(await wrongFaces(finder, photos)), cost],
        notes: [
          "Likeness is 0 to 100; below 60, a person is asked to look. Structure is the distance of the aligned landmarks in % of the face's height (limit 1.1), skin the change of lightness in L* beyond the background's (limit 5).",
          `The photos are of ${PEOPLE.length} people: two from the front, one who looks to the side and has no measures of structure and skin. Before and after: the simulator's full retouching. CPU includes decoding.`,
        ],
      };
    } finally {
      await finder.close();
    }
  },
});

async function readPhotos(
  finder: FaceFinder,
  each: number,
): Promise<{ readonly photos: readonly Photo[]; readonly cpuMs: readonly number[] }> {
  const photos: Photo[] = [];
  const cpuMs: number[] = [];
  for (const [person, { isFrontal, photos: paths }] of PEOPLE.entries()) {
    for (const path of paths.slice(0, each)) {
      const bytes = await readFile(path);
      const { format } = await sharp(bytes).metadata();
      const before = process.cpuUsage();
      const seen = await findFacesIn(finder, bytes);
      const { user, system } = process.cpuUsage(before);
      cpuMs.push((user + system) / 1_000);
      photos.push({ person, isFrontal, path, bytes, format, seen });
    }
  }
  return { photos, cpuMs };
}

/** Finds the faces of an encoded picture. */
export async function findFacesIn(finder: FaceFinder, bytes: Uint8Array): Promise<SeenFaces> {
  const pixels = await facePixelsOf(bytes);
  const found = await finder.findFaces(pixels);
  if (found === undefined) throw new Error("faces cannot be found on this machine");
  return { pixels, faces: found.faces };
}

function betweenPhotos(photos: readonly Photo[]): readonly Figure[] {
  const pairs = photos.flatMap((one, at) => photos.slice(at + 1).map((other) => ({ one, other })));
  const likenesses = (isSame: boolean): readonly number[] =>
    pairs
      .filter(({ one, other }) => (one.person === other.person) === isSame)
      .flatMap(({ one, other }) => compareFoundFaces(one.seen, other.seen).likeness ?? []);
  const same = likenesses(true);
  return [
    ...(same.length === 0
      ? []
      : [
          {
            name: "likeness of two photos of one person, lowest",
            value: Math.min(...same),
            unit: "",
            target: atLeast(60),
          },
        ]),
    { name: "likeness of two people, highest", value: Math.max(...likenesses(false)), unit: "", target: atMost(60) },
  ];
}

async function beforeAndAfter(finder: FaceFinder, photos: readonly Photo[]): Promise<readonly Figure[]> {
  const desk = new PictureDesk("full");
  const comparisons: FaceComparison[] = [];
  for (const photo of photos) {
    const { bytes } = await desk.work(photo, PROMPT);
    comparisons.push(compareFoundFaces(photo.seen, await findFacesIn(finder, bytes)));
  }
  const of = (value: (comparison: FaceComparison) => number | undefined): readonly number[] =>
    comparisons.flatMap((comparison) => value(comparison) ?? []);
  const most = (values: readonly number[]): number => Math.max(0, ...values.map(Math.abs));
  return [
    {
      name: "likeness before and after, lowest",
      value: Math.min(...of(({ likeness: score }) => score)),
      unit: "",
      target: atLeast(60),
    },
    {
      name: "structure before and after, largest",
      value: most(of(({ structure }) => structure && 100 * structure.distance)),
      unit: "%",
      target: atMost(1.1),
    },
    {
      name: "narrower or wider before and after, largest",
      value: most(of(({ structure }) => structure && 100 * structure.changes.face)),
      unit: "%",
      target: atMost(5),
    },
    {
      name: "skin before and after, largest",
      value: most(of(({ skin }) => skin?.lightness)),
      unit: "L*",
      target: atMost(5),
    },
    {
      name: "false alarms",
      value: comparisons.filter((comparison) => judgeFace(comparison).length > 0).length,
      unit: "",
      target: atMost(0),
    },
  ];
}

async function wrongFaces(finder: FaceFinder, photos: readonly Photo[]): Promise<readonly Figure[]> {
  const desk = new PictureDesk("full");
  const figures: Figure[] = [];
  for (const { face, finding, frontalOnly = false } of FAULTS) {
    let made = 0;
    let found = 0;
    for (const photo of photos.filter(({ isFrontal }) => isFrontal || !frontalOnly)) {
      const wrong = new WrongFaces(desk);
      const other = photos.find(({ person }) => person !== photo.person) ?? photo;
      wrong.note(other.path, other);
      const picture = await desk.work(photo, PROMPT);
      const { bytes } = await wrong.make(face, { portrait: photo.path, source: photo, prompt: PROMPT, picture });
      const findings = judgeFace(compareFoundFaces(photo.seen, await findFacesIn(finder, bytes)));
      made += 1;
      if (findings.some((each) => each.finding === finding)) found += 1;
    }
    figures.push({
      name: `found: ${face.replaceAll("_", " ")}`,
      value: (100 * found) / made,
      unit: "%",
      target: atLeast(100),
    });
  }
  return figures;
}
