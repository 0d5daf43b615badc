/**
 * The fate of the C2PA manifest in a provider's picture: stored with the whole file unchanged, absent, or lost because
 * the file had to change. A stored file without a manifest says in its XMP that it was made with AI.
 */
const C2PA_FATES = ["kept", "absent", "lost"] as const;

export type C2paFate = (typeof C2PA_FATES)[number];

/** Reads a stored fate; undefined for a result from before, and for any other text. */
export function readC2paFate(text: string | undefined): C2paFate | undefined {
  return C2PA_FATES.find((fate) => fate === text);
}
