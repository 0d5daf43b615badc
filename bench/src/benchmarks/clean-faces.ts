import { globSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { faceScores, TeamLikeness, type FaceScores } from "@darkroom/core";
import { FaceFinder } from "@darkroom/faces";
import { PictureDesk } from "@darkroom/twin";
import { compareFoundFaces } from "@darkroom/worker";
import sharp from "sharp";
import { atLeast, atMost, defineBenchmark } from "../benchmark.ts";
import { findFacesIn } from "./likeness.ts";

const TEAM = globSync(fileURLToPath(new URL("../../../examples/team/*/*", import.meta.url))).toSorted();
/** Words that make the simulator retouch in different ways, up to the strongest. */
const PROMPTS = [
  "Professional polish, moderate.",
  "Lighting: lift the exposure and the shadows, dramatic.",
  "Skin smoothing, moderate.",
  "Age-reduction, dramatic: fine lines, smooth skin, light.",
  "Make-up and lip colour, moderate.",
];
const REPORTED_EVERY = 50;

/** Enhanced portraits whose face is the photo's: nothing may be found. */
export const cleanFaces = defineBenchmark({
  name: "clean-faces",
  title: "false alarms at portraits that were enhanced and nothing else",
  sizes: { portraits: 500 },
  tinySizes: { portraits: 2 },
  run: async ({ portraits }, say) => {
    const finder = new FaceFinder({ enabled: true, onUnavailable: say });
    const desk = new PictureDesk("full");
    const team = new TeamLikeness();
    const alarms: string[] = [];
    let done = 0;
    const note = (scores: FaceScores, take: number, prompt: string): void => {
      team.add(scores);
      done += 1;
      if (scores.findings.length > 0) alarms.push(`photo ${take}, "${prompt}": ${scores.reasons.join("; ")}`);
      if (done % REPORTED_EVERY === 0) say(`${done} portraits, ${alarms.length} false alarms`);
    };
    try {
      for (let take = 0; done < portraits; take += 1) {
        const source = { bytes: await photoOf(take), format: "jpeg" };
        const before = await findFacesIn(finder, source.bytes);
        for (const prompt of PROMPTS.slice(0, portraits - done)) {
          const { bytes } = await desk.work(source, prompt);
          note(faceScores(compareFoundFaces(before, await findFacesIn(finder, bytes))), take, prompt);
        }
      }
    } finally {
      await finder.close();
    }
    const { least, median, tone } = team.result ?? { least: null, median: null, tone: null };
    return {
      figures: [
        { name: "false alarms", value: alarms.length, unit: "", target: atMost(0) },
        { name: "portraits", value: done, unit: "" },
        { name: "lowest likeness", value: least ?? 0, unit: "", target: atLeast(60) },
        { name: "median likeness", value: median ?? 0, unit: "" },
        {
          name: "false warnings of a tone that changes one way",
          value: tone === null ? 0 : 1,
          unit: "",
          target: atMost(0),
        },
      ],
      notes: [
        `Photos of the example team, in other light, closer, smaller and encoded differently; each is retouched by the simulator in ${PROMPTS.length} ways.`,
        ...alarms,
      ],
    };
  },
});

/** Takes another photo of a member of the team: in other light, closer, smaller, and encoded differently. */
async function photoOf(index: number): Promise<Buffer> {
  const path = TEAM[index % TEAM.length] ?? "";
  const take = Math.floor(index / TEAM.length);
  const { data, info } = await sharp(path).autoOrient().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const share = 1 - 0.01 * (take % 7);
  const cut = { width: Math.round(share * width), height: Math.round(share * height) };
  return await sharp(data)
    .extract({ left: Math.round((width - cut.width) / 2), top: 0, ...cut })
    .resize({ width: Math.round(width * (0.8 + 0.1 * (take % 5))) })
    .modulate({ brightness: 0.85 + 0.06 * (take % 6), saturation: 0.9 + 0.05 * (take % 4) })
    .jpeg({ quality: 70 + 3 * (take % 9) })
    .toBuffer();
}
