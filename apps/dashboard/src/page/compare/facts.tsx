import { shownUsd } from "@darkroom/core/usd-text";
import type { Portrait } from "../api/types.ts";
import { reviewWords } from "../review/review-words.ts";
import type { Reviewer } from "../review/reviewer.ts";
import type { StatesMap } from "../sheet/states-map.ts";

interface FactsProps {
  readonly portrait: Portrait | undefined;
  readonly lane: string;
  /** Why the portrait stands out from its team. */
  readonly reasons: readonly string[];
}

/** Says how a portrait ended, and why it stands out. */
export function Facts({ portrait, lane, reasons }: FactsProps) {
  if (portrait === undefined) return <p class="note">Loading…</p>;
  const { state, outcome, destination } = portrait;
  return (
    <>
      <p class="facts">
        <span>{outcome === null ? state : outcome.code}</span>
        {outcome === null || outcome.message === "" ? null : <span>{outcome.message}</span>}
        {outcome?.costUsd == null ? null : <span>{shownUsd(outcome.costUsd, lane)}</span>}
        {outcome?.retryable === true ? <span>may succeed when tried again</span> : null}
        {destination === null ? null : <span>{destination}</span>}
      </p>
      {reasons.length === 0 ? null : <p class="wait">Stands out from the team: {reasons.join(", ")}.</p>}
    </>
  );
}

interface DecisionProps {
  readonly states: StatesMap;
  readonly index: number;
  readonly portrait: Portrait | undefined;
  readonly reviewer: Reviewer | undefined;
}

/** Shows the decision about the portrait, and why the user's last decision was not recorded. */
export function Decision({ states, index, portrait, reviewer }: DecisionProps) {
  const state = states.reviewAt(index);
  if (state === undefined) return null;
  const known = portrait?.review?.state === state ? portrait.review : { state, by: null, note: null };
  const problem = reviewer?.problem.value;
  return (
    <>
      <p class={`decision r-${state}`} role="status">
        {reviewWords(known)}
      </p>
      {problem === undefined ? null : (
        <p class="note bad" role="alert">
          {problem}
        </p>
      )}
    </>
  );
}
