import { createHash } from "node:crypto";
import {
  isTaken,
  RESULT_METADATA,
  takenMessage,
  takenWords,
  whatLies,
  type AtDestination,
  type BatchSpec,
  type ObjectHead,
  type ObjectStore,
  type WantedPicture,
} from "@darkroom/core";

/** What was seen at a key of the destination. */
export interface Seen {
  readonly what: AtDestination;
  /** Undefined where nothing lies there. */
  readonly head: ObjectHead | undefined;
}

/**
 * Looks at what lies where a picture is to go. What would be replaced is read, since an object may have kept its marks and
 * been given other bytes; a local folder's marks count for the bytes that they were made for alone.
 */
export async function lookThere(
  destination: ObjectStore,
  key: string,
  wanted: WantedPicture,
  signal: AbortSignal,
): Promise<Seen> {
  const head = await destination.head(key);
  const what = whatLies(head, wanted);
  const isReplaced = what === "older" || what === "simulated";
  if (head === undefined || !isReplaced || destination.kind === "local") return { what, head };
  const marked = head.metadata[RESULT_METADATA.sha256];
  const isUntouched = marked === undefined || marked === (await digestOf(destination, key, signal));
  return { what: isUntouched ? what : "foreign", head };
}

async function digestOf(destination: ObjectStore, key: string, signal: AbortSignal): Promise<string> {
  const { body } = await destination.get(key, { signal });
  const hash = createHash("sha256");
  for await (const chunk of body as AsyncIterable<Uint8Array>) hash.update(chunk);
  return hash.digest("hex");
}

/** Why a portrait is refused for what was seen at its key; undefined where its picture may be put there. */
export function whyTaken(
  { what, head }: Seen,
  key: string,
  { kind }: Pick<ObjectStore, "kind">,
  { destination: { overwrite = false } }: Pick<BatchSpec, "destination">,
): string | undefined {
  return isTaken(what, overwrite) ? takenMessage(key, what, takenWords(what, head), kind === "local") : undefined;
}
