import { PORTRAIT_STATES, REVIEWED_CODES } from "@darkroom/core";
import type { BatchRecord, Ledger } from "@darkroom/ledger";

/** Portraits read at once. */
const CHUNK = 65_536;

/** Returns the states of a batch's portraits as in the ledger, with the decisions as the codes of `REVIEWED_CODES`. */
export async function reviewedStates(
  ledger: Pick<Ledger, "stateMap" | "reviews">,
  { spec, counts, review }: Pick<BatchRecord, "spec" | "counts" | "review">,
): Promise<Buffer> {
  const bytes = await ledger.stateMap(spec.id, counts.total);
  if (review.revision === 0) return bytes;
  for (let start = 0; start < counts.total; start += CHUNK) {
    const decisions = await ledger.reviews.range(spec.id, start, Math.min(CHUNK, counts.total - start));
    decisions.forEach((decision, offset) => {
      if (decision.state === "undecided") return;
      const index = start + offset;
      const shift = index % 2 === 0 ? 4 : 0;
      const byte = bytes[index >> 1] ?? 0;
      const state = PORTRAIT_STATES[(byte >> shift) & 15];
      const code = REVIEWED_CODES.find((each) => each.state === state && each.review === decision.state)?.code;
      if (code !== undefined) bytes[index >> 1] = (byte & (0xf0 >> shift)) | (code << shift);
    });
  }
  return bytes;
}
