import { createHash } from "node:crypto";
import {
  isKept,
  isTaken,
  keptMessage,
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

/** The contents of a key in the destination. */
export interface Seen {
  readonly what: AtDestination;
  /** Undefined when the key is free. */
  readonly head: ObjectHead | undefined;
}

/**
 * Reads the contents of a picture's key. Before a replacement, hashes the content, because an object may keep its marks
 * while its bytes change. Marks in a local folder are bound to exact bytes.
 */
export async function inspectKey(
  destination: ObjectStore,
  key: string,
  wanted: WantedPicture,
  signal: AbortSignal,
): Promise<Seen> {
  const head = await destination.head(key);
  const what = whatLies(head, wanted);
  const isReplaced = what === "older" || what === "other-recipe" || what === "simulated";
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

/** Explains why a picture may not be written to its key. Returns undefined when the write is allowed. */
export function whyTaken(
  { what, head }: Seen,
  key: string,
  { kind }: Pick<ObjectStore, "kind">,
  { destination: { overwrite = false } }: Pick<BatchSpec, "destination">,
): string | undefined {
  return isTaken(what, overwrite) ? takenMessage(key, what, takenWords(what, head), kind === "local") : undefined;
}

/** Describes the result that the order keeps at a picture's key. Returns undefined if the order keeps none. */
export function whyKept(
  { what, head }: Seen,
  { destination: { overwrite } }: Pick<BatchSpec, "destination">,
): string | undefined {
  return isKept(what, overwrite) ? keptMessage(takenWords(what, head)) : undefined;
}
