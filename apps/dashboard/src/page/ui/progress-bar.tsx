import type { PortraitCounts } from "@darkroom/core";

/** In the order of a portrait's life cycle, final states first. */
const SHOWN = ["succeeded", "skipped", "failed", "cancelled", "running", "retrying"] as const;

/** Shows the number of portraits in each state as shares of a bar. */
export function ProgressBar({ counts }: { readonly counts: PortraitCounts }) {
  const total = Math.max(1, counts.total);
  const ended = counts.succeeded + counts.skipped + counts.failed + counts.cancelled;
  return (
    <div
      class="bar"
      role="progressbar"
      aria-label="Portraits that have ended"
      aria-valuemin={0}
      aria-valuemax={counts.total}
      aria-valuenow={ended}
    >
      {SHOWN.map((state) =>
        counts[state] === 0 ? null : (
          <span key={state} class={`s-${state}`} style={{ flexGrow: counts[state] / total }} />
        ),
      )}
      <span class="rest" style={{ flexGrow: (counts.pending + counts.queued) / total }} />
    </div>
  );
}
