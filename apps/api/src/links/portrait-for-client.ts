import type { PortraitView } from "../portraits/portrait-view.ts";

/**
 * Returns the parts of a portrait that a client may see: no money, store locations, manifest columns or error texts.
 *
 * @param mayReview true if the client reviews, and therefore sees the notes of decisions
 */
export function portraitForClient(portrait: PortraitView, mayReview: boolean): PortraitView {
  const { index, id, state, review, outcome } = portrait;
  return {
    index,
    id,
    state,
    source: null,
    destination: null,
    leftBehind: null,
    carried: {},
    likeness: null,
    review: review === null || mayReview ? review : { ...review, by: null, note: null },
    outcome:
      outcome === null
        ? null
        : {
            code: outcome.code,
            message: "",
            retryable: false,
            billed: null,
            attempts: null,
            providerMs: null,
            costUsd: null,
            lostUsd: null,
            maybeUsd: null,
            at: null,
            question: null,
          },
  };
}
