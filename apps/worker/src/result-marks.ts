import { createHash } from "node:crypto";
import {
  portraitIdentity,
  recipeHash,
  RESULT_METADATA,
  type BatchSpec,
  type PortraitRow,
  type Recipe,
} from "@darkroom/core";

/** The user metadata of a picture that is stored. */
export type Marks = (bytes: Uint8Array, part?: string) => Readonly<Record<string, string>>;

/**
 * What each stored picture of a portrait is marked with.
 *
 * @param row the portrait's
 * @param provider the name of the one who made it
 * @param round of the portrait, in which it was made
 */
export function marksOf(
  spec: Pick<BatchSpec, "id">,
  row: Pick<PortraitRow, "index" | "source" | "destination">,
  fingerprint: string,
  recipe: Recipe,
  provider: string,
  round: number,
): Marks {
  const identity = portraitIdentity(row, fingerprint);
  return (bytes, part) => ({
    [RESULT_METADATA.fingerprint]: fingerprint,
    [RESULT_METADATA.batch]: spec.id,
    [RESULT_METADATA.portrait]: String(row.index),
    [RESULT_METADATA.identity]: identity,
    ...(round === 0 ? {} : { [RESULT_METADATA.round]: String(round) }),
    [RESULT_METADATA.provider]: provider,
    [RESULT_METADATA.recipe]: recipeHash(recipe),
    [RESULT_METADATA.sha256]: createHash("sha256").update(bytes).digest("hex"),
    ...(part === undefined ? {} : { [RESULT_METADATA.part]: part, [RESULT_METADATA.of]: row.destination }),
  });
}
