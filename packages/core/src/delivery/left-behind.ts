import { z } from "zod";
import type { OutcomeCode } from "../report/outcome.ts";
import { whatLies, isSimulated, type WantedPicture } from "./at-destination.ts";
import type { ObjectHead } from "./object-store.ts";

/**
 * The kind of file that remains at a portrait's key although the portrait ended without its picture.
 *
 * - `earlier_photo`: this recipe's result of an earlier photo at the same place, perhaps of another person
 * - `earlier_result`: a result of the photo at the same place, whose content was not compared
 * - `other_recipe`: another recipe's result of the photo at the same place
 * - `simulated`: the simulator's picture, where a real one is ordered
 * - `other_file`: another photo's result, a cut or variation, or a file that Darkroom did not make
 * - `not_examined`: a file that was not opened, because too many portraits ended without their picture
 */
export const LEFT_BEHIND = [
  "earlier_photo",
  "earlier_result",
  "other_recipe",
  "simulated",
  "other_file",
  "not_examined",
] as const;

export type LeftBehind = (typeof LEFT_BEHIND)[number];

/** Number of portraits for each kind of file. A kind without portraits is absent. */
export type LeftBehindCounts = Readonly<Partial<Record<LeftBehind, number>>>;

/** Maximum number of portraits in `left-behind.json`. The report contains all of them. */
export const MOST_LEFT_BEHIND = 10_000;

/** Schema of `left-behind.json`: the portraits whose key has another file than their picture. */
export const leftBehindFileSchema = z.object({
  portraits: z.array(z.object({ index: z.int(), kind: z.enum(LEFT_BEHIND) })).readonly(),
});

export type LeftBehindFile = z.infer<typeof leftBehindFileSchema>;

/** Outcomes of a portrait that may have ended before the destination was compared with its photo. */
const MAY_BE_UNCOMPARED: readonly OutcomeCode[] = [
  "cancelled",
  "over_budget",
  "deadline_passed",
  "source_unreadable",
  "source_not_allowed",
  "storage_error",
  "worker_died",
  "internal",
];

/** True if a portrait with this outcome was compared with the destination, or has no photo to compare. */
export function isCompared(code: OutcomeCode): boolean {
  return !MAY_BE_UNCOMPARED.includes(code);
}

/**
 * Classifies the file at the key of a portrait that ended without its picture.
 *
 * @param head undefined if there is no file
 * @param wanted the missing picture; its fingerprint is empty if the photo's content is unknown
 * @param compared see {@link isCompared}; always true for a photo of known content
 * @returns undefined if there is no file, or if the file is the portrait's picture
 */
export function leftBehind(
  head: Pick<ObjectHead, "metadata"> | undefined,
  wanted: WantedPicture,
  compared: boolean,
): LeftBehind | undefined {
  const found = whatLies(head, wanted);
  if (head !== undefined && isSimulated(head) && !wanted.simulated) return "simulated";
  switch (found) {
    case "nothing":
    case "delivered":
      return undefined;
    case "older":
      return compared ? "earlier_photo" : "earlier_result";
    case "simulated":
      return "simulated";
    case "real":
      return "earlier_result";
    case "other-recipe":
      return "other_recipe";
    case "another":
    case "part":
    case "foreign":
      return "other_file";
  }
  return found satisfies never;
}

const WORDS: Readonly<Record<LeftBehind, string>> = {
  earlier_photo: "the result of an earlier photo",
  earlier_result: "an earlier result of this photo or of an earlier one",
  other_recipe: "another recipe's result of this photo or of an earlier one",
  simulated: "a simulated picture",
  other_file: "another file",
  not_examined: "a file that was not examined",
};

/** Describes the file, for example "the result of an earlier photo". */
export function leftBehindWords(kind: LeftBehind): string {
  return WORDS[kind];
}

/** The report's warning about the file. */
export function leftBehindWarning(kind: LeftBehind): string {
  return `the destination still has ${WORDS[kind]} under this name`;
}
