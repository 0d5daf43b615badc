import type { Layout } from "./stage.tsx";
import { WHOLE, zoomed, type View } from "./view.ts";

/** Zoom of one step. */
export const ZOOM_STEP = 1.5;

const LAYOUTS: readonly (readonly [layout: Layout, label: string, key: string])[] = [
  ["slider", "Slider", "v"],
  ["side", "Side by side", "s"],
  ["changes", "What changed", "c"],
];

interface Props {
  readonly layout: Layout;
  readonly view: View;
  readonly share: number;
  /** False without a result, because there is nothing to compare. */
  readonly hasPair: boolean;
  readonly onLayout: (layout: Layout) => void;
  readonly onView: (change: (view: View) => View) => void;
  readonly onShare: (share: number) => void;
  readonly onBlink: (isHeld: boolean) => void;
}

/** Controls of how a pair is shown. */
export function StageTools({ layout, view, share, hasPair, onLayout, onView, onShare, onBlink }: Props) {
  const isHoldKey = (event: KeyboardEvent): boolean => event.key === " " || event.key === "Enter";
  return (
    <div class="stage-tools">
      {!hasPair || layout !== "slider" ? null : (
        <input
          type="range"
          min={0}
          max={100}
          value={share}
          aria-label="Share of the picture that shows the source, in percent"
          onInput={({ currentTarget }) => onShare(currentTarget.valueAsNumber)}
        />
      )}
      {!hasPair ? null : (
        <div role="group" aria-label="Compare by">
          {LAYOUTS.map(([each, label, key]) => (
            <button
              key={each}
              type="button"
              aria-pressed={layout === each}
              aria-keyshortcuts={key}
              onClick={() => onLayout(each)}
            >
              {label}
            </button>
          ))}
        </div>
      )}
      {!hasPair || layout === "changes" ? null : (
        <button
          type="button"
          onPointerDown={() => onBlink(true)}
          onPointerUp={() => onBlink(false)}
          onPointerLeave={() => onBlink(false)}
          onKeyDown={(event) => isHoldKey(event) && onBlink(true)}
          onKeyUp={() => onBlink(false)}
          onBlur={() => onBlink(false)}
        >
          Hold for the source
        </button>
      )}
      <div role="group" aria-label="Zoom">
        <button
          type="button"
          aria-label="Zoom out"
          aria-keyshortcuts="-"
          onClick={() => onView((now) => zoomed(now, 1 / ZOOM_STEP))}
        >
          −
        </button>
        <button
          type="button"
          aria-label={`${Math.round(view.scale * 100)} %: show the whole picture`}
          aria-keyshortcuts="0"
          onClick={() => onView(() => WHOLE)}
        >
          {Math.round(view.scale * 100)} %
        </button>
        <button
          type="button"
          aria-label="Zoom in"
          aria-keyshortcuts="+"
          onClick={() => onView((now) => zoomed(now, ZOOM_STEP))}
        >
          +
        </button>
      </div>
    </div>
  );
}
