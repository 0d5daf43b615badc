import { PORTRAIT_STATES, type PortraitCounts, type PortraitState } from "@darkroom/core/portrait";
import { REVIEW_STATES, type ReviewCounts, type ReviewState } from "@darkroom/core/review";
import type { ComponentChildren } from "preact";
import { REVIEW_SIGNS } from "../review/review-words.ts";
import { stateName } from "../text/batch-words.ts";
import type { SheetFilter } from "./states-map.ts";

interface Props {
  readonly counts: PortraitCounts;
  readonly reviews: ReviewCounts;
  /** Number of portraits that stand out from their team. */
  readonly outliers: number;
  readonly filter: SheetFilter;
  readonly onChange: (filter: SheetFilter) => void;
  readonly children: ComponentChildren;
}

/** The states in the order in which users usually need them. */
const ORDER: readonly PortraitState[] = [
  "failed",
  "succeeded",
  "skipped",
  "running",
  "retrying",
  "queued",
  "pending",
  "cancelled",
];

/** Shows one button for each state and each decision that occurs in the batch. */
export function Filters({ counts, reviews, outliers, filter, onChange, children }: Props) {
  const { states, reviews: wanted } = filter;
  const hasResults = reviews.undecided + reviews.approved + reviews.rejected > 0;
  return (
    <div class="filters" role="group" aria-label="Show only">
      <button
        type="button"
        aria-pressed={!isFiltered(filter)}
        onClick={() => onChange({ states: new Set(), reviews: new Set(), standsOut: false })}
      >
        all <b>{counts.total.toLocaleString("en")}</b>
      </button>
      {ORDER.filter((state) => counts[state] > 0 || states.has(state)).map((state) => (
        <button
          key={state}
          type="button"
          aria-pressed={states.has(state)}
          onClick={() => onChange({ ...filter, states: toggled(states, state) })}
        >
          <i class={`dot s-${state}`} aria-hidden="true" />
          {stateName(state)} <b>{counts[state].toLocaleString("en")}</b>
        </button>
      ))}
      {!hasResults
        ? null
        : REVIEW_STATES.map((review) => (
            <button
              key={review}
              type="button"
              aria-pressed={wanted.has(review)}
              onClick={() => onChange({ ...filter, reviews: toggled(wanted, review) })}
            >
              <span class={`mark r-${review}`} aria-hidden="true">
                {REVIEW_SIGNS[review]}
              </span>
              {review} <b>{reviews[review].toLocaleString("en")}</b>
            </button>
          ))}
      {outliers === 0 && !filter.standsOut ? null : (
        <button
          type="button"
          aria-pressed={filter.standsOut}
          onClick={() => onChange({ ...filter, standsOut: !filter.standsOut })}
        >
          stands out <b>{outliers.toLocaleString("en")}</b>
        </button>
      )}
      {children}
    </div>
  );
}

function toggled<T>(some: ReadonlySet<T>, one: T): ReadonlySet<T> {
  const next = new Set(some);
  if (!next.delete(one)) next.add(one);
  return next;
}

/** True if a filter leaves out some portraits. */
export function isFiltered({ states, reviews, standsOut }: SheetFilter): boolean {
  return states.size + reviews.size > 0 || standsOut;
}

/** Reads the parameters of the URL: `state` and `review` are names joined by commas. */
export function parseFilter(query: (name: string) => string | null): SheetFilter {
  const named = (name: string) => new Set((query(name) ?? "").split(","));
  const [states, reviews] = [named("state"), named("review")];
  return {
    states: new Set(PORTRAIT_STATES.filter((state) => states.has(state))),
    reviews: new Set(REVIEW_STATES.filter((state: ReviewState) => reviews.has(state))),
    standsOut: query("standsOut") === "true",
  };
}
