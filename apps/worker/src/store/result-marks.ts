import { portraitIdentity, recipeHash, RESULT_METADATA, sha256, type PortraitRow, type Recipe } from "@darkroom/core";

/** Creates the user metadata of a stored picture. */
export type Marks = (bytes: Uint8Array, part?: string) => Readonly<Record<string, string>>;

/** The inputs and the maker of a portrait's pictures. */
export interface Making {
  readonly batchId: string;
  readonly row: Pick<PortraitRow, "index" | "source" | "destination" | "profileIds">;
  readonly fingerprint: string;
  /** Location of the source photo; see `placeMark`. */
  readonly place: string;
  readonly recipe: Recipe;
  /** The provider's name. The simulator uses the name of the simulated provider. */
  readonly provider: string;
  /** True for pictures of the simulator. */
  readonly simulated: boolean;
  /** The round that made the pictures. */
  readonly round: number;
}

/** The marks of each stored picture of a portrait. */
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
    [RESULT_METADATA.recipe]: recipeHash(recipe, row.profileIds),
    [RESULT_METADATA.sha256]: sha256(bytes),
    ...(part === undefined ? {} : { [RESULT_METADATA.part]: part, [RESULT_METADATA.of]: row.destination }),
  });
}
