import type { BatchLikeness } from "@darkroom/core";

/**
 * Formats how much a batch's results look like their photos, for example "likeness 97 of 100 in the middle, 31 at least;
 * look at 2: 1 another person, 1 structure (column review of the report)".
 */
export function likenessText({ compared, least, median, review, findings, tone }: BatchLikeness): string {
  const scores =
    median === null
      ? `${compared} compared, none with a clear face`
      : `likeness ${median} of 100 in the middle, ${least} at least`;
  const kinds = Object.entries(findings).map(([finding, count]) => `${count} ${finding.replaceAll("_", " ")}`);
  const looks =
    review === 0 ? "nothing to look at" : `look at ${review}: ${kinds.join(", ")} (column review of the report)`;
  return [scores, looks, ...(tone === null ? [] : [tone])].join("; ");
}
