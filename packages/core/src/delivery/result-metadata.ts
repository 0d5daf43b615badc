/** Keys of a result's user metadata. */
export const RESULT_METADATA = {
  fingerprint: "darkroom-fingerprint",
  /**
   * The fingerprint with the schedule's recipe, if a retry made the result with a different one. The result counts for
   * both.
   */
  ordered: "darkroom-ordered",
  batch: "darkroom-batch",
  /** The portrait's index in its batch. The portrait's identity is a separate key. */
  portrait: "darkroom-portrait",
  /** The order for the portrait; see `portraitIdentity`. */
  identity: "darkroom-identity",
  /** The round in which the result was made. Absent for the first round. */
  round: "darkroom-round",
  provider: "darkroom-provider",
  /** The location of the source photo, as the manifest package's `placeMark`. Identifies the person in the result. */
  place: "darkroom-place",
  /** Present if the simulator made the result. */
  simulated: "darkroom-simulated",
  recipe: "darkroom-recipe",
  sha256: "darkroom-sha256",
  /** Which additional picture this is: `variation-2`, or a delivery's name. Absent for the main picture. */
  part: "darkroom-part",
  /** The key of the main picture that an additional picture belongs to. */
  of: "darkroom-of",
  /** See `givenPictureText`; absent for a cut. */
  given: "darkroom-given",
  /** See {@link pictureStatsText}. Allows comparing a portrait that was delivered before with its team. */
  stats: "darkroom-stats",
  /** See `faceScoresText`. Absent if no faces were compared. */
  face: "darkroom-face",
  /** The fate of the C2PA manifest; see `C2paFate`. Absent for a cut. */
  c2pa: "darkroom-c2pa",
} as const;

/**
 * Folder in which a local folder stores the metadata of its results. Differs from the name of the command's data
 * folder, so that running a command in a folder of photos does not turn them into results.
 */
export const RESULT_NOTES_FOLDER = ".darkroom-results";
