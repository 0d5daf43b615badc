import { portraitIdentity, recipeHash, RESULT_METADATA, sha256, type PortraitRow, type Recipe } from "@darkroom/core";

/** The user metadata of a picture that is stored. */
export type Marks = (bytes: Uint8Array, part?: string) => Readonly<Record<string, string>>;

/** What the pictures of a portrait are made of, and by whom. */
export interface Making {
  readonly batchId: string;
  readonly row: Pick<PortraitRow, "index" | "source" | "destination">;
  readonly fingerprint: string;
  /** Where the photo lies; see `placeMark`. */
  readonly place: string;
  readonly recipe: Recipe;
  /** The name of the provider, or of the one that the simulator plays. */
  readonly provider: string;
  /** The simulator made them. */
  readonly simulated: boolean;
  /** Of the portrait, in which they were made. */
  readonly round: number;
}

/** What each stored picture of a portrait is marked with. */
export function marksOf({ batchId, row, fingerprint, place, recipe, provider, simulated, round }: Making): Marks {
  const identity = portraitIdentity(row, fingerprint);
  return (bytes, part) => ({
    [RESULT_METADATA.fingerprint]: fingerprint,
    [RESULT_METADATA.batch]: batchId,
    [RESULT_METADATA.portrait]: String(row.index),
    [RESULT_METADATA.identity]: identity,
    [RESULT_METADATA.place]: place,
    ...(round === 0 ? {} : { [RESULT_METADATA.round]: String(round) }),
    [RESULT_METADATA.provider]: provider,
    ...(simulated ? { [RESULT_METADATA.simulated]: "yes" } : {}),
    [RESULT_METADATA.recipe]: recipeHash(recipe),
    [RESULT_METADATA.sha256]: sha256(bytes),
    ...(part === undefined ? {} : { [RESULT_METADATA.part]: part, [RESULT_METADATA.of]: row.destination }),
  });
}
