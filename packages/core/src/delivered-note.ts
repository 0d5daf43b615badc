import { createHash } from "node:crypto";
import { z } from "zod";

/**
 * What a schedule notes of each delivery, under its `delivered/`. Earlier versions noted a fingerprint once, at its own
 * name and without a `url`.
 */
export const deliveredNoteSchema = z.object({
  batch: z.string(),
  /** The result's key at its destination. */
  destination: z.string(),
  /** Store URL of that destination, with the run's date. */
  url: z.string().optional(),
});

export type DeliveredNote = z.infer<typeof deliveredNoteSchema>;

/**
 * The name of the note that a fingerprint was delivered to a key, whatever the date in its destination was: the same
 * photo at two keys has two results, and two notes.
 */
export function deliveredName(fingerprint: string, destination: string): string {
  return `${fingerprint}.${createHash("sha256").update(destination).digest("hex").slice(0, 16)}`;
}

/** Where a note of this name lies; the notes of one fingerprint lie together, and begin with it. */
export function deliveredKey(name: string): string {
  return `${name.slice(0, 2)}/${name}`;
}
