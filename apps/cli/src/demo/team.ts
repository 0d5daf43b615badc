import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { extensionOf } from "@darkroom/core";
import { compareUtf8 } from "@darkroom/storage";

/** A portrait of the example team. */
export interface TeamPhoto {
  /** Relative to the team's folder, with `/`. */
  readonly key: string;
  readonly bytes: Buffer;
}

const FOLDER = fileURLToPath(new URL("../../../../examples/team", import.meta.url));
const PICTURES = ["jpg", "jpeg", "png"];

/** Reads the example team, in the order of a batch's portraits. */
export async function readTeam(): Promise<readonly TeamPhoto[]> {
  const entries = await readdir(FOLDER, { recursive: true });
  const keys = entries
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => PICTURES.includes(extensionOf(name)))
    .sort(compareUtf8);
  return await Promise.all(keys.map(async (key) => ({ key, bytes: await readFile(join(FOLDER, key)) })));
}
