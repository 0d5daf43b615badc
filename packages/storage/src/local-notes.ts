import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, rmdir, type FileHandle, open } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isMissing } from "./local-errors.ts";
import { LOCAL_RESERVED } from "./object-key.ts";
import type { Metadata } from "./user-metadata.ts";
import { RESULT_NOTES_FOLDER, sha256 } from "@darkroom/core";

/** Attempts to create a folder that a concurrent delete keeps removing. */
const MAX_TRIES = 10;
/** Maximum number of notes per file. More than one can exist, because interrupted puts leave notes behind. */
const MAX_NOTES = 8;

/** Metadata that a file cannot store itself. */
export interface Note {
  /** The content that the note belongs to. The note does not apply to other content. */
  readonly etag: string;
  readonly contentType?: string;
  readonly metadata: Metadata;
}

/*
 * Returns the path of a file's notes: `<folder of the file>/.darkroom-results/<SHA-256 of the file's name>.json`, an array of
 * notes.
 *
 *   put:    write [new, ...old] ▸ rename the file into place ▸ write [new]
 *   delete: remove the file ▸ remove its notes
 *   read:   the note whose etag equals the content's; none for a file that a user has replaced
 *
 * After a crash between two of these steps, the file and its note still match.
 */
function notesPath(file: string): string {
  const name = sha256(basename(file)).slice(0, 32);
  return join(dirname(file), RESULT_NOTES_FOLDER, `${name}.json`);
}

function isNote(value: unknown): value is Note {
  if (typeof value !== "object" || value === null) return false;
  const { etag, contentType, metadata } = value as Partial<Record<keyof Note, unknown>>;
  if (typeof etag !== "string" || (contentType !== undefined && typeof contentType !== "string")) return false;
  return (
    typeof metadata === "object" &&
    metadata !== null &&
    Object.values(metadata).every((item) => typeof item === "string")
  );
}

/** Reads a file's notes. Returns none when they are missing or invalid. */
export async function readNotes(file: string): Promise<readonly Note[]> {
  let text: string;
  try {
    text = await readFile(notesPath(file), "utf8");
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
  try {
    const notes: unknown = JSON.parse(text);
    return Array.isArray(notes) ? notes.filter(isNote) : [];
  } catch {
    return [];
  }
}

/** Replaces a file's notes atomically. */
export async function writeNotes(file: string, notes: readonly Note[]): Promise<void> {
  if (notes.length === 0) return removeNotes(file);
  const path = notesPath(file);
  const { temporary, handle } = await openTemporary(dirname(path), () => mkdir(dirname(path)));
  try {
    await handle.writeFile(JSON.stringify(notes.slice(0, MAX_NOTES)));
    await handle.datasync();
    await handle.close();
    await rename(temporary, path);
  } catch (error) {
    await handle.close();
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Removes a file's notes, and their folder if it is empty. */
export async function removeNotes(file: string): Promise<void> {
  const path = notesPath(file);
  try {
    await rm(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  await rmdir(dirname(path)).catch(() => undefined);
}

/** Opens a new temporary file in `folder`, and calls `make` if the folder is missing. */
export async function openTemporary(
  folder: string,
  make: () => Promise<unknown>,
): Promise<{ readonly temporary: string; readonly handle: FileHandle }> {
  const temporary = join(folder, `${LOCAL_RESERVED}-${randomUUID()}.tmp`);
  for (let attempt = 1; ; attempt++) {
    try {
      return { temporary, handle: await open(temporary, "wx") };
    } catch (error) {
      if (!isMissing(error) || attempt === MAX_TRIES) throw error;
    }
    await make().catch((error: unknown) => {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    });
  }
}
