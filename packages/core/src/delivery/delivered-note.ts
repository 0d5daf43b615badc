import { z } from "zod";
import { sha256 } from "../sha256.ts";

/** A schedule's record of a delivery, stored under its `delivered/`. */
export const deliveredNoteSchema = z.object({
  batch: z.string(),
  /** The result's key at its destination. */
  destination: z.string(),
  /** Store URL of that destination, including the run's date. */
  url: z.string(),
  /** The simulator made it, so it counts only for the simulator's runs. */
  simulated: z.boolean().optional(),
});

export type DeliveredNote = z.infer<typeof deliveredNoteSchema>;

/**
 * The name of the record that a fingerprint was delivered to a key, whatever the date in its destination. The same
 * photo at two keys has two results and two records, and so have a simulated and a real result.
 */
export function deliveredName(fingerprint: string, destination: string, simulated: boolean): string {
  const place = simulated ? `simulated ${destination}` : destination;
  return `${fingerprint}.${sha256(place).slice(0, 16)}`;
}

/** The key of a record: the records of one fingerprint share a prefix. */
export function deliveredKey(name: string): string {
  return `${name.slice(0, 2)}/${name}`;
}
