/** The names of a result's user metadata. */
export const RESULT_METADATA = {
  fingerprint: "darkroom-fingerprint",
  /**
   * What the fingerprint would have been with the recipe that a schedule orders, where a retry with another recipe made
   * the result: it stands for that one too.
   */
  ordered: "darkroom-ordered",
  batch: "darkroom-batch",
  /** Where the portrait stood in its batch; who it is says the identity. */
  portrait: "darkroom-portrait",
  /** Whose order made it; see `portraitIdentity`. */
  identity: "darkroom-identity",
  /** The portrait's round in which it was made; the first one's results have none. */
  round: "darkroom-round",
  provider: "darkroom-provider",
  /** Where the photo lies that it was made of, as the manifest package's `placeMark` says it: whose result it is. */
  place: "darkroom-place",
  /** There where the simulator made it. */
  simulated: "darkroom-simulated",
  recipe: "darkroom-recipe",
  sha256: "darkroom-sha256",
  /** What a picture beside the main one is: `variation-2`, or a delivery's name. The main one has none. */
  part: "darkroom-part",
  /** The key of the main picture that such a one belongs to. */
  of: "darkroom-of",
  /** See `givenPictureText`; absent in a cut. */
  given: "darkroom-given",
  /** See {@link pictureStatsText}; so a portrait that is found delivered is compared with its team too. */
  stats: "darkroom-stats",
} as const;
