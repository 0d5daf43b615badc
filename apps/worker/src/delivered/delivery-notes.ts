import {
  deliveredKey,
  deliveredName,
  deliveredNoteSchema,
  isDarkroomError,
  isSimulated,
  RESULT_METADATA,
  type BatchSpec,
  type DeliveredNote,
  type ObjectHead,
  type ObjectStore,
  type PortraitRow,
  type WantedPicture,
} from "@darkroom/core";
import { readAll } from "@darkroom/web-fetch";
import type { WorkerContext } from "../run/worker-context.ts";

type Stores = Pick<WorkerContext, "openStore">;
type Notes = Pick<WorkerContext, "openNotes">;
type Scheduled = Pick<BatchSpec, "id" | "destination" | "schedule">;
type Placed = Pick<PortraitRow, "destination">;

const MOST_NOTE_BYTES = 65_536;
/** Limit of notes read for one photo, which may have been delivered to many keys. */
const MOST_NOTES = 8;
const FINGERPRINT = /^[0-9a-f]{64}$/;

/** Returns the fingerprint of a stored result, and the fingerprint that the schedule ordered. */
export function fingerprintsOf({ metadata }: Pick<ObjectHead, "metadata">): readonly string[] {
  const { [RESULT_METADATA.fingerprint]: print, [RESULT_METADATA.ordered]: ordered } = metadata;
  return [print, ordered].filter((each) => each !== undefined).filter((each) => FINGERPRINT.test(each));
}

/** Records a delivery in the schedule's notes. Does nothing for a batch without a schedule. */
export async function noteDelivery(
  { openNotes }: Notes,
  batch: Scheduled,
  row: Placed,
  result: Pick<ObjectHead, "metadata">,
): Promise<void> {
  const { id, destination, schedule } = batch;
  if (schedule === undefined) return;
  const simulated = isSimulated(result) ? { simulated: true } : {};
  const note: DeliveredNote = { batch: id, destination: row.destination, url: destination.url, ...simulated };
  for (const fingerprint of fingerprintsOf(result))
    await putNote(openNotes(batch, schedule.deliveredUrl), note, fingerprint);
}

async function putNote(notes: ObjectStore, note: DeliveredNote, fingerprint: string): Promise<void> {
  const key = deliveredKey(deliveredName(fingerprint, note.destination, note.simulated === true));
  await notes.put(key, Buffer.from(`${JSON.stringify(note)}\n`), { contentType: "application/json" });
}

/** A result that is about to be put. */
interface ComingResult {
  readonly row: Placed;
  readonly destination: ObjectStore;
  readonly fingerprint: string;
}

/**
 * Deletes the notes of a result that is about to be overwritten, so that a photo or recipe that is restored later
 * counts as new. Called before the put, so that no note outlives its result.
 */
export async function forgetReplaced(
  { openStore }: Stores,
  { schedule }: Scheduled,
  { row, destination, fingerprint }: ComingResult,
): Promise<void> {
  if (schedule === undefined) return;
  const head = await destination.head(row.destination);
  if (head === undefined) return;
  const notes = openStore(schedule.deliveredUrl);
  for (const replaced of fingerprintsOf(head)) {
    if (replaced === fingerprint) continue;
    for (const name of [false, true].map((each) => deliveredName(replaced, row.destination, each))) {
      const note = await readNote(notes, deliveredKey(name));
      // A note about another day's folder remains valid.
      const isOfThis = note?.destination === row.destination && note.url === destination.url;
      if (isOfThis) await notes.delete(deliveredKey(name));
    }
  }
}

/**
 * Returns the schedule's delivery notes for a fingerprint, up to a limit. The note for this key comes first. Simulated
 * deliveries count only for simulated batches.
 */
export async function deliveredNotes(
  { openStore }: Stores,
  schedule: NonNullable<BatchSpec["schedule"]>,
  row: Placed,
  { fingerprint, simulated }: Pick<WantedPicture, "fingerprint" | "simulated">,
): Promise<readonly DeliveredNote[]> {
  const notes = openStore(schedule.deliveredUrl);
  const own = deliveredKey(deliveredName(fingerprint, row.destination, false));
  const keys: string[] = [];
  for await (const { key } of notes.list({ prefix: deliveredKey(fingerprint) })) {
    if (key === own) keys.unshift(key);
    else if (keys.length < MOST_NOTES) keys.push(key);
  }
  const found: DeliveredNote[] = [];
  for (const key of keys) {
    const note = await readNote(notes, key);
    if (note !== undefined && (simulated || note.simulated !== true)) found.push(note);
  }
  return found;
}

/** Returns undefined for a missing or unreadable note. */
async function readNote(notes: ObjectStore, key: string): Promise<DeliveredNote | undefined> {
  try {
    const { body } = await notes.get(key);
    const text = Buffer.from(await readAll(body, MOST_NOTE_BYTES)).toString();
    return deliveredNoteSchema.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (isDarkroomError(error, "storage_not_found") || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
