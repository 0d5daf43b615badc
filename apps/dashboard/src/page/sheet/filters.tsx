import { PORTRAIT_STATES, type PortraitCounts, type PortraitState } from "@darkroom/core/portrait";

import { stateName } from "../text/batch-words.ts";

interface Props {
  readonly counts: PortraitCounts;
  readonly filter: ReadonlySet<PortraitState>;
  readonly onChange: (filter: ReadonlySet<PortraitState>) => void;
}

/** The states in the order in which users usually look for them. */
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

/** Shows one button for each state that occurs in the batch. */
export function Filters({ counts, filter, onChange }: Props) {
  const toggle = (state: PortraitState): void => {
    const next = new Set(filter);
    if (!next.delete(state)) next.add(state);
    onChange(next);
  };
  return (
    <div class="filters" role="group" aria-label="Show only">
      <button type="button" aria-pressed={filter.size === 0} onClick={() => onChange(new Set())}>
        all <b>{counts.total.toLocaleString("en")}</b>
      </button>
      {ORDER.filter((state) => counts[state] > 0 || filter.has(state)).map((state) => (
        <button key={state} type="button" aria-pressed={filter.has(state)} onClick={() => toggle(state)}>
          <i class={`dot s-${state}`} aria-hidden="true" />
          {stateName(state)} <b>{counts[state].toLocaleString("en")}</b>
        </button>
      ))}
    </div>
  );
}

/** Reads the `state` parameter of the URL: states joined by commas. */
export function parseFilter(text: string | null): ReadonlySet<PortraitState> {
  const named = new Set((text ?? "").split(","));
  return new Set(PORTRAIT_STATES.filter((state) => named.has(state)));
}
