import { ZOOM_STEP } from "./stage-tools.tsx";
import type { Layout } from "./stage.tsx";
import { panned, WHOLE, zoomed, type View } from "./view.ts";

/** Movement of one key, as a share of the box. */
const STEP = 0.1;

/** Returns the change of the view that a key asks for; undefined for any other key. */
export function viewChangeOf({
  key,
  shiftKey,
}: Pick<KeyboardEvent, "key" | "shiftKey">): ((view: View) => View) | undefined {
  if (key === "+" || key === "=") return (view) => zoomed(view, ZOOM_STEP);
  if (key === "-") return (view) => zoomed(view, 1 / ZOOM_STEP);
  if (key === "0") return () => WHOLE;
  if (!shiftKey) return undefined;
  if (key === "ArrowLeft") return (view) => panned(view, { x: STEP, y: 0 });
  if (key === "ArrowRight") return (view) => panned(view, { x: -STEP, y: 0 });
  if (key === "ArrowUp") return (view) => panned(view, { x: 0, y: STEP });
  if (key === "ArrowDown") return (view) => panned(view, { x: 0, y: -STEP });
  return undefined;
}

/** Returns the layout that a key asks for. The key of the present layout leads back to the slider. */
export function layoutOf(key: string, present: Layout): Layout | undefined {
  if (key === "v") return "slider";
  const wanted = key === "s" ? "side" : key === "c" ? "changes" : undefined;
  return wanted === present ? "slider" : wanted;
}
