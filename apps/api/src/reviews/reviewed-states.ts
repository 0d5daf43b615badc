import { PORTRAIT_STATES, REVIEW_STATES, REVIEWED_CODES } from "@darkroom/core";
import type { BatchRecord, Ledger } from "@darkroom/ledger";

/** Portraits read at once. */
const CHUNK = 65_536;

/** State's code → code of the decision → the code of both. */
const CODES: readonly (readonly number[])[] = Array.from({ length: 16 }, (_, code) =>
  REVIEW_STATES.map((review) => {
    const both = REVIEWED_CODES.find((each) => each.state === PORTRAIT_STATES[code] && each.review === review);
    return both?.code ?? code;
  }),
);

/** Returns the states of a batch's portraits as in the ledger, with the decisions as the codes of `REVIEWED_CODES`. */
export async function reviewedStates(
  ledger: Pick<Ledger, "stateMap" | "reviews">,
  { spec, counts, review }: Pick<BatchRecord, "spec" | "counts" | "review">,
): Promise<Buffer> {
  const bytes = await ledger.stateMap(spec.id, counts.total);
  if (review.revision === 0) return bytes;
  for (let start = 0; start < counts.total; start += CHUNK) {
    const decisions = await ledger.reviews.codes(spec.id, start, Math.min(CHUNK, counts.total - start));
    for (const [offset, decision] of decisions.entries()) {
      const place = (start + offset) >> 1;
      const byte = bytes[place];
      if (decision === 0 || byte === undefined) continue;
      const isEven = (start + offset) % 2 === 0;
      const code = CODES[isEven ? byte >> 4 : byte & 15]?.[decision] ?? 0;
      bytes[place] = isEven ? (byte & 15) | (code << 4) : (byte & 0xf0) | code;
    }
  }
  return bytes;
}
