import { z } from "zod";
import { sha256 } from "../sha256.ts";

/** What a schedule notes of each delivery, under its `delivered/`. */
export const deliveredNoteSchema = z.object({
  batch: z.string(),
  /** The result's key at its destination. */
  destination: z.string(),
  /** Store URL of that destination, with the run's date. */
  url: z.string(),
  /** The simulator made it: it counts for the simulator's runs alone. */
  simulated: z.boolean().optional(),
});

export type DeliveredNote = z.infer<typeof deliveredNoteSchema>;

/**
 * The name of the note that a fingerprint was delivered to a key, whatever the date in its destination was: the same
 * photo at two keys has two results, and two notes. So has one that the simulator made before a provider did.
 */
export function deliveredName(fingerprint: string, destination: string, simulated: boolean): string {
  const place = simulated ? `simulated ${destination}` : destination;
  return `${fingerprint}.${sha256(place).slice(0, 16)}`;
}

/** Where a note of this name lies; the notes of one fingerprint lie together, and begin with it. */
export function deliveredKey(name: string): string {
  return `${name.slice(0, 2)}/${name}`;
}
