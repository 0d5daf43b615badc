import type { ObjectHead } from "./object-store.ts";
import { RESULT_METADATA } from "./result-metadata.ts";

/**
 * What lies at a key where a portrait's picture is to go. Only `nothing`, `older` and `simulated` are replaced unasked.
 *
 * - `delivered`: this photo's result with this recipe
 * - `older`: a result of the photo at the same place, of an earlier content or with another recipe
 * - `simulated`: the simulator's picture of this photo, where a real one is ordered
 * - `real`: a provider's result of this photo, where the simulator is to make one
 * - `another`: the result of a photo at another place
 * - `part`: a variation or a delivery of another result, or the other way round
 * - `foreign`: a file without Darkroom's marks, or with other bytes than those that were marked
 */
export type AtDestination = "nothing" | "delivered" | "older" | "simulated" | "real" | "another" | "part" | "foreign";

/** The picture to store at a destination key. */
export interface WantedPicture {
  readonly fingerprint: string;
  /** Of the photo; see the manifest package's `placeMark`. */
  readonly place: string;
  /** A schedule accepts a result that a retry made with a different recipe as the one it ordered. */
  readonly scheduled?: boolean;
  /** The simulator is to make it. */
  readonly simulated: boolean;
  /** Of a variation or a delivery: what it is, and the key of its main picture. */
  readonly part?: { readonly name: string; readonly of: string };
}

/** Whether the simulator made a picture. */
export function isSimulated({ metadata }: Pick<ObjectHead, "metadata">): boolean {
  return metadata[RESULT_METADATA.simulated] !== undefined;
}

/** Tells what lies at a picture's key from its head; undefined where nothing does. */
export function whatLies(head: Pick<ObjectHead, "metadata"> | undefined, wanted: WantedPicture): AtDestination {
  if (head === undefined) return "nothing";
  const { metadata } = head;
  const { [RESULT_METADATA.fingerprint]: print, [RESULT_METADATA.place]: place } = metadata;
  if (print === undefined) return "foreign";
  const { [RESULT_METADATA.part]: part, [RESULT_METADATA.of]: of } = metadata;
  if (part !== wanted.part?.name || of !== wanted.part?.of) return "part";
  const isOrdered = wanted.scheduled === true && metadata[RESULT_METADATA.ordered] === wanted.fingerprint;
  if (print === wanted.fingerprint || isOrdered) {
    return isSimulated(head) && !wanted.simulated ? "simulated" : "delivered";
  }
  if (place === undefined) return "foreign";
  if (place !== wanted.place) return "another";
  if (isSimulated(head) === wanted.simulated) return "older";
  return wanted.simulated ? "real" : "simulated";
}

/**
 * Whether a portrait is refused for what lies at its key, before anything is paid. A paid result of the photo gives way to
 * no simulated picture, whatever was ordered.
 *
 * @param overwrite the batch was ordered to replace what is there
 */
export function isTaken(found: AtDestination, overwrite: boolean): boolean {
  return found === "real" || (!overwrite && (found === "another" || found === "part" || found === "foreign"));
}

/**
 * What takes a key, in a few words: "another photo's result". Empty for what takes none.
 *
 * @param head of what is there
 */
export function takenWords(found: AtDestination, head: Pick<ObjectHead, "metadata"> | undefined): string {
  const { metadata = {} } = head ?? {};
  const { [RESULT_METADATA.batch]: batch, [RESULT_METADATA.portrait]: portrait } = metadata;
  const { [RESULT_METADATA.part]: part, [RESULT_METADATA.of]: of } = metadata;
  switch (found) {
    case "foreign":
      return "not made by Darkroom, or changed since";
    case "another":
      return `another photo's result${batch === undefined ? "" : `, portrait ${portrait ?? "?"} of batch ${batch}`}`;
    case "part":
      return part === undefined ? "another result" : `${part} of ${of ?? "another result"}`;
    case "real":
      return "a paid result of this photo, which the simulator does not replace";
    case "nothing":
    case "delivered":
    case "older":
    case "simulated":
      return "";
  }
  return found satisfies never;
}

/**
 * Says to a person what lies at a taken key, and what to do about it.
 *
 * @param words see {@link takenWords}
 * @param isLocal the destination is a local folder
 */
export function takenMessage(key: string, found: AtDestination, words: string, isLocal: boolean): string {
  const said = `${key} is there already: ${words}. Nothing was replaced.`;
  if (found === "real") return `${said} Let the simulator write to a folder of its own`;
  const notes =
    isLocal && found === "foreign"
      ? " A local folder tells Darkroom's own results by the folder .darkroom beside them: results that were copied there without it are unknown."
      : "";
  return `${said}${notes} Move it away and retry, or submit the batch again with --overwrite (overwrite: true) to replace it`;
}
