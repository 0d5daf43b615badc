/**
 * Why a listing takes a file for no photo, or does not open a folder:
 *
 *   raw                 a camera's raw file beside a picture of the same name
 *   unsupported_picture a picture of a kind that is not read: Photoshop, BMP, JPEG XL, SVG
 *   video, sidecar      a film; settings that a program keeps beside a photo
 *   no_extension        a file whose name does not say what it is
 *   other               any other file
 *   filtered            what `include` and `exclude` leave out, files and folders
 *   results             what Darkroom has made: folders with results, and results among photos
 *   system              what systems, servers and photo programs put beside photos: thumbnails, trash, hidden files
 *   linked_folder       a symbolic link to a folder, which is not followed
 *   unreadable_folder   a folder that may not be opened
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

/** What was left out for one reason. A folder that was not opened counts once. */
export interface LeftOutPart {
  readonly kind: LeftOutKind;
  readonly count: number;
  /** The first ones, by their keys; a folder's ends with a slash. */
  readonly examples: readonly string[];
}

/** What a listing left out, in the order of {@link LEFT_OUT_KINDS}; empty where it took everything. */
export type LeftOut = readonly LeftOutPart[];

/** Names that are kept of each kind. */
const MAX_LEFT_OUT_EXAMPLES = 10;

/** Counts what a listing leaves out. */
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
  unreadable_folder: ["folder that may not be opened", "folders that may not be opened"],
  raw: ["camera raw file", "camera raw files"],
  unsupported_picture: ["picture of a kind that is not read", "pictures of kinds that are not read"],
  no_extension: ["file without an extension", "files without an extension"],
  video: ["video", "videos"],
  linked_folder: ["link to a folder", "links to folders"],
  results: ["result, or folder with results, of Darkroom", "results, or folders with results, of Darkroom"],
  filtered: ["left out by include and exclude", "left out by include and exclude"],
  sidecar: ["sidecar file", "sidecar files"],
  other: ["other file", "other files"],
  system: ["hidden or system file or folder", "hidden or system files and folders"],
};

/**
 * What was left out, for people: "2 camera raw files (a.CR2, b.CR2); 1 video (c.mp4)".
 *
 * @param shown names of each kind
 */
export function leftOutText(leftOut: LeftOut, shown = 3): string {
  return leftOut.map((part) => leftOutPartText(part, shown)).join("; ");
}

/** One kind of {@link leftOutText}. */
export function leftOutPartText({ kind, count, examples }: LeftOutPart, shown: number): string {
  const names = examples.slice(0, shown).join(", ");
  return `${count} ${WORDS[kind][count === 1 ? 0 : 1]} (${names}${count > Math.min(shown, examples.length) ? ", …" : ""})`;
}

/** How many files and unopened folders were left out. */
export function leftOutTotal(leftOut: LeftOut): number {
  return leftOut.reduce((sum, { count }) => sum + count, 0);
}

/** What reading a source found beside the rows that it gave. */
export interface SourceFindings {
  readonly leftOut: LeftOut;
  /** Photos that an earlier run of the schedule delivered, and that have not changed since. */
  readonly unchanged: number;
}
