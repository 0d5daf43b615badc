import { z } from "zod";
import type { ObjectHead } from "./object-store.ts";
import { RESULT_METADATA, RESULT_NOTES_FOLDER } from "./result-metadata.ts";

/**
 * The kind of object at the key of a portrait's picture. Only `nothing`, `older` and `simulated` are replaced by
 * default.
 *
 * - `delivered`: this photo's result with this recipe
 * - `older`: this recipe's result of the photo at the same place, with earlier content
 * - `other-recipe`: another recipe's result of the photo at the same place
 * - `simulated`: the simulator's picture of this photo, where a real one is ordered
 * - `real`: a provider's result of this photo, where a simulated one is ordered
 * - `another`: the result of a photo at another place
 * - `part`: a variation or delivery where a main picture is expected, or the reverse
 * - `foreign`: a file without Darkroom's marks, or whose bytes have changed since it was marked
 */
export type AtDestination =
  | "nothing"
  | "delivered"
  | "older"
  | "other-recipe"
  | "simulated"
  | "real"
  | "another"
  | "part"
  | "foreign";

/**
 * Which files a batch may replace, in addition to older results of its own recipe. `false`: none. `other-recipe`:
 * results that another recipe made from its photos. `true`: also results of other photos, and files that Darkroom did
 * not make. If a submission omits this field and results of another recipe exist, the submission is refused or the user
 * is asked.
 */
export const overwriteSchema = z.union([z.boolean(), z.literal("other-recipe")]);

export type Overwrite = z.infer<typeof overwriteSchema>;

/** The picture to store at a destination key. */
export interface WantedPicture {
  readonly fingerprint: string;
  /** The photo's `placeMark` (manifest package). */
  readonly place: string;
  /** The recipe's `recipeHash`. */
  readonly recipe: string;
  /**
   * The batch that makes the picture. A picture that the same batch made in an earlier round never counts as another
   * recipe's.
   */
  readonly batchId?: string;
  /** True for a schedule, which accepts a retry's result with a different recipe in place of the ordered one. */
  readonly scheduled?: boolean;
  /** True if the simulator makes the picture. */
  readonly simulated: boolean;
  /** For a variation or delivery: its name, and the key of its main picture. */
  readonly part?: { readonly name: string; readonly of: string };
}

/** True if the simulator made a picture. */
export function isSimulated({ metadata }: Pick<ObjectHead, "metadata">): boolean {
  return metadata[RESULT_METADATA.simulated] !== undefined;
}

/** Classifies the object at a picture's key by its head, which is undefined if there is no object. */
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
  if (isSimulated(head) !== wanted.simulated) return wanted.simulated ? "real" : "simulated";
  const isOwn = wanted.batchId !== undefined && metadata[RESULT_METADATA.batch] === wanted.batchId;
  // A schedule also accepts a retry's result that was made from earlier content of the photo.
  const isForSchedule = wanted.scheduled === true && metadata[RESULT_METADATA.ordered] !== undefined;
  return isOwn || isForSchedule || metadata[RESULT_METADATA.recipe] === wanted.recipe ? "older" : "other-recipe";
}

/**
 * True if the object at a portrait's key forbids the write, so that the portrait must be refused before payment. A
 * simulated picture never replaces a paid result of the photo, even with `overwrite`.
 *
 * @param overwrite what the batch may replace
 */
export function isTaken(found: AtDestination, overwrite: Overwrite): boolean {
  switch (found) {
    case "nothing":
    case "delivered":
    case "older":
    case "simulated":
      return false;
    case "other-recipe":
      return overwrite === false;
    case "another":
    case "part":
    case "foreign":
      return overwrite !== true;
    case "real":
      return true;
  }
  return found satisfies never;
}

/**
 * True if the order keeps the object at a portrait's key, so that the portrait is skipped instead of refused: another
 * recipe's result of the photo, if the submission sets `overwrite` to false.
 *
 * @param overwrite undefined if the submission omits it
 */
export function isKept(found: AtDestination, overwrite: Overwrite | undefined): boolean {
  return found === "other-recipe" && overwrite === false;
}

/**
 * Describes the object that occupies a key, such as "another photo's result". Empty if the object does not block the
 * key.
 *
 * @param head the object's head
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
    case "other-recipe":
      return `this photo's result with another recipe${batch === undefined ? "" : `, of batch ${batch}`}`;
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

/** Builds the message about a result for which {@link isKept} holds. Equal for all results of one batch. */
export function keptMessage(words: string): string {
  return `the order keeps ${words}`;
}

/**
 * Builds the message about an occupied key, with advice.
 *
 * @param words see {@link takenWords}
 * @param isLocal the destination is a local folder
 */
export function takenMessage(key: string, found: AtDestination, words: string, isLocal: boolean): string {
  const said = `${key} already exists: ${words}. Nothing was replaced.`;
  if (found === "real") return `${said} Let the simulator write to a separate folder`;
  if (found === "other-recipe") {
    return `${said} Name another destination, or submit the batch again with --remake (overwrite: "other-recipe") to make it anew and pay for it again`;
  }
  const notes =
    isLocal && found === "foreign"
      ? ` In a local folder, Darkroom recognizes its own results by the folder ${RESULT_NOTES_FOLDER} beside them: results copied there without it are unknown.`
      : "";
  return `${said}${notes} Move it away and retry, or submit the batch again with --overwrite (overwrite: true) to replace it`;
}
