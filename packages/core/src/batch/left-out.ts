import { shortList } from "../short-list.ts";

/**
 * Why a listing leaves out a file, or does not open a folder:
 *
 *   raw                 a camera's raw file beside a picture of the same name
 *   unsupported_picture a picture in an unsupported format: Photoshop, BMP, JPEG XL, SVG
 *   video, sidecar      a video; settings that a program stores beside a photo
 *   no_extension        a file whose name has no extension
 *   other               any other file
 *   filtered            files and folders excluded by `include` and `exclude`
 *   results             Darkroom's own files: folders with results, and results among photos
 *   system              files of operating systems, servers and photo programs: thumbnails, trash, hidden files
 *   linked_folder       a symbolic link to a folder, which is not followed
 *   unreadable_folder   a folder without read permission
 */
export const LEFT_OUT_KINDS = [
  "unreadable_folder",
  "raw",
  "unsupported_picture",
  "no_extension",
  "video",
  "linked_folder",
  "results",
  "filtered",
  "sidecar",
  "other",
  "system",
] as const;

export type LeftOutKind = (typeof LEFT_OUT_KINDS)[number];

/** Files left out for one reason. A folder that was not opened counts once. */
export interface LeftOutPart {
  readonly kind: LeftOutKind;
  readonly count: number;
  /** The first names, by key. The name of a folder ends with a slash. */
  readonly examples: readonly string[];
}

/** The files that a listing left out, in the order of {@link LEFT_OUT_KINDS}. Empty if nothing was left out. */
export type LeftOut = readonly LeftOutPart[];

/** Number of names stored per kind. */
const MAX_LEFT_OUT_EXAMPLES = 10;

/** Counts the files that a listing leaves out. */
export class LeftOutCount {
  readonly #parts = new Map<LeftOutKind, { count: number; examples: string[] }>();

  add(kind: LeftOutKind, key: string): void {
    const part = this.#parts.get(kind) ?? { count: 0, examples: [] };
    this.#parts.set(kind, part);
    part.count += 1;
    if (part.examples.length < MAX_LEFT_OUT_EXAMPLES) part.examples.push(key);
  }

  get leftOut(): LeftOut {
    return LEFT_OUT_KINDS.flatMap((kind) => {
      const part = this.#parts.get(kind);
      return part === undefined ? [] : [{ kind, count: part.count, examples: [...part.examples] }];
    });
  }
}

const WORDS: Readonly<Record<LeftOutKind, readonly [one: string, many: string]>> = {
  unreadable_folder: ["folder without read permission", "folders without read permission"],
  raw: ["camera raw file", "camera raw files"],
  unsupported_picture: ["picture in an unsupported format", "pictures in unsupported formats"],
  no_extension: ["file without an extension", "files without an extension"],
  video: ["video", "videos"],
  linked_folder: ["link to a folder", "links to folders"],
  results: ["result of Darkroom, or folder with results", "results of Darkroom, or folders with results"],
  filtered: ["excluded by include and exclude", "excluded by include and exclude"],
  sidecar: ["sidecar file", "sidecar files"],
  other: ["other file", "other files"],
  system: ["hidden or system file or folder", "hidden or system files and folders"],
};

/** A file that may be a manifest. */
const LIST_OF_PHOTOS = /\.(?:csv|tsv|jsonl|ndjson)(?:\.gz)?$/i;

/**
 * Formats the files left out, such as "2 camera raw files (a.CR2, b.CR2); 1 video (c.mp4)".
 *
 * @param shown names per kind
 */
export function leftOutText(leftOut: LeftOut, shown = 3): string {
  return leftOut.map((part) => `${leftOutPartText(part, shown)}${manifestHint(part)}`).join("; ");
}

function manifestHint({ kind, examples }: LeftOutPart): string {
  const list = kind === "other" ? examples.find((name) => LIST_OF_PHOTOS.test(name)) : undefined;
  return list === undefined ? "" : `: if ${list} lists the photos, name it as the source, not its folder`;
}

/** Formats one kind of {@link leftOutText}. */
export function leftOutPartText({ kind, count, examples }: LeftOutPart, shown: number): string {
  return `${count} ${WORDS[kind][count === 1 ? 0 : 1]} (${shortList(examples, count, shown)})`;
}

/** Returns the number of files and folders that were left out. */
export function leftOutTotal(leftOut: LeftOut): number {
  return leftOut.reduce((sum, { count }) => sum + count, 0);
}

/** Findings about a source, apart from its rows. */
export interface SourceFindings {
  readonly leftOut: LeftOut;
  /** Photos that an earlier run of the schedule delivered and that have not changed since. */
  readonly unchanged: number;
}
