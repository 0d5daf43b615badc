import { z } from "zod";
import { sha256 } from "../sha256.ts";

/** A schedule's delivery note, stored in the schedule's `delivered/` folder. */
export const deliveredNoteSchema = z.object({
  batch: z.string(),
  /** The result's key at its destination. */
  destination: z.string(),
  /** Store URL of that destination, including the run's date. */
  url: z.string(),
  /** True if the simulator made the result. The note then counts only for the simulator's runs. */
  simulated: z.boolean().optional(),
});

export type DeliveredNote = z.infer<typeof deliveredNoteSchema>;

/**
 * Returns the name of the note that a fingerprint was delivered to a key, regardless of the date in its destination.
 * The same photo at two keys has two results and two notes. A simulated and a real result also have separate notes.
 */
export function deliveredName(fingerprint: string, destination: string, simulated: boolean): string {
  const place = simulated ? `simulated ${destination}` : destination;
  return `${fingerprint}.${sha256(place).slice(0, 16)}`;
}

/** Returns the key of a note. All notes of one fingerprint share a prefix. */
export function deliveredKey(name: string): string {
  return `${name.slice(0, 2)}/${name}`;
}
