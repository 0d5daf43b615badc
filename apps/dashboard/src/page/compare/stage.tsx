import { useEffect, useRef, useState } from "preact/hooks";
import { newlyShown, pictureUrl, thumbnailUrl } from "../api/pictures.ts";
import type { Portrait } from "../api/types.ts";
import { ChangeMap } from "./change-map.tsx";
import { useGestures } from "./gestures.ts";
import { SharpPicture } from "./sharp-picture.tsx";
import { transformOf, type View } from "./view.ts";

/** How a pair of pictures is displayed. */
export type Layout = "slider" | "side" | "changes";

/** Time on a portrait before its own pictures are loaded, so that a fast review loads only small ones, in ms. */
const DWELL_MS = 250;

export interface StageProps {
  readonly batchId: string;
  readonly index: number;
  readonly state: Portrait["state"];
  readonly layout: Layout;
  readonly view: View;
  /** Percent of the picture that shows the source. */
  readonly share: number;
  /** False for a neighbour whose small pictures are loaded in advance. */
  readonly isShown: boolean;
  readonly onView: (change: (view: View) => View) => void;
  readonly onShare: (share: number) => void;
}

/** Shows the source and the result of a portrait, with the same part of both. */
export function Stage(props: StageProps) {
  const { batchId, index, state, layout, view, share, isShown, onView, onShare } = props;
  const box = useRef<HTMLDivElement>(null);
  const [newly] = useState(newlyShown);
  const hasStayed = useDwell(isShown);
  const hasResult = state === "succeeded" || state === "skipped";
  const onDrag =
    layout === "slider" && hasResult
      ? ({ x }: { readonly x: number }) => onShare(Math.round(100 * Math.min(1, Math.max(0, x))))
      : undefined;
  useGestures(box, { view, onView, onDrag });
  const small = { before: thumbnailUrl(batchId, index, "source"), after: thumbnailUrl(batchId, index, "result") };
  const full = { before: pictureUrl(batchId, index, "source"), after: pictureUrl(batchId, index, "result") };
  const [smallAfter, fullAfter] = [small.after, full.after].map((url) => `${url}&shown=${newly}`) as [string, string];
  const transform = transformOf(view);
  const isSharp = isShown && (hasStayed || view.scale > 1);
  const isMap = layout === "changes" && hasResult && isShown;
  return (
    <div
      ref={box}
      class={`stage ${hasResult ? layout : "slider"}${view.scale > 1 ? " zoomed" : ""}`}
      style={{ "--share": `${hasResult ? share : 100}%` }}
    >
      {!hasResult ? null : (
        <div class="after">
          {isMap ? (
            <ChangeMap before={[small.before, full.before]} after={[smallAfter, fullAfter]} transform={transform} />
          ) : (
            <div class="layer" style={{ transform }}>
              <SharpPicture
                small={smallAfter}
                full={fullAfter}
                isSharp={isSharp}
                alt="After"
                missing="The result cannot be shown here."
              />
            </div>
          )}
        </div>
      )}
      {isMap ? null : (
        <div class="before">
          <div class="layer" style={{ transform }}>
            <SharpPicture
              small={small.before}
              full={full.before}
              isSharp={isSharp}
              alt="Before"
              missing="The source cannot be shown here."
            />
          </div>
        </div>
      )}
    </div>
  );
}

/** Returns true once a portrait has been shown for a while. */
function useDwell(isShown: boolean): boolean {
  const [hasStayed, setStayed] = useState(false);
  useEffect(() => {
    if (!isShown) return undefined;
    const timer = setTimeout(() => setStayed(true), DWELL_MS);
    return () => clearTimeout(timer);
  }, [isShown]);
  return hasStayed;
}
