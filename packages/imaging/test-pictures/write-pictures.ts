// Writes every awkward picture, and its version for a provider, into a folder for inspection:
// node packages/imaging/test-pictures/write-pictures.ts <folder>
import { mkdir, writeFile } from "node:fs/promises";
import { join, parse } from "node:path";
import process from "node:process";
import { convertPicture, planPicture, probePicture } from "../src/index.ts";
import { AWKWARD_PICTURES } from "./awkward-pictures.ts";

const ACCEPTS = { contentTypes: ["image/jpeg", "image/png"], maxBytes: 20_000_000, minSidePx: 64, maxSidePx: 8_192 };

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("name the folder that the pictures go into");
await mkdir(join(folder, "converted"), { recursive: true });
for (const { name, make } of AWKWARD_PICTURES) {
  const bytes = await make();
  await writeFile(join(folder, name), bytes);
  const plan = planPicture(await probePicture(bytes, bytes.length), ACCEPTS);
  console.log(name, bytes.length, plan);
  if (plan.kind !== "convert") continue;
  const converted = await convertPicture(bytes, plan, ACCEPTS);
  if (!converted.ok) console.log(name, converted.message);
  else {
    const extension = converted.contentType.replace("image/", "").replace("jpeg", "jpg");
    await writeFile(join(folder, "converted", `${parse(name).name}.${extension}`), converted.bytes);
  }
}
