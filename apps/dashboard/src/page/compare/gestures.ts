import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { panned, zoomed, type Share, type View } from "./view.ts";

/** Zoom of a wheel or trackpad per pixel that it scrolls. */
const ZOOM_PER_PX = 0.002;
/** Browsers report a trackpad's pinch as a wheel event with Ctrl and small steps. */
const PINCH_PER_PX = 0.01;
const DOUBLE_CLICK_ZOOM = 3;

export interface Gestures {
  readonly view: View;
  readonly onView: (change: (view: View) => View) => void;
  /** Handles a drag over the whole picture; undefined if a drag has no effect. */
  readonly onDrag: ((at: Share) => void) | undefined;
}

/** Zooms and moves by wheel, pinch, drag and double click. */
export function useGestures(box: RefObject<HTMLElement | null>, gestures: Gestures): void {
  const latest = useRef(gestures);
  latest.current = gestures;
  useEffect(() => {
    const target = box.current;
    if (target === null) return undefined;
    const stop = new AbortController();
    const on = <K extends keyof HTMLElementEventMap>(name: K, listener: (event: HTMLElementEventMap[K]) => void) =>
      target.addEventListener(name, listener, { passive: false, signal: stop.signal });
    const down = new Map<number, PointerEvent>();
    on("wheel", (event) => {
      event.preventDefault();
      const factor = Math.exp(-event.deltaY * (event.ctrlKey ? PINCH_PER_PX : ZOOM_PER_PX));
      const at = shareAt(target, event);
      latest.current.onView((view) => zoomed(view, factor, at));
    });
    on("dblclick", (event) => {
      const at = shareAt(target, event);
      latest.current.onView((view) => zoomed(view, view.scale > 1 ? 0 : DOUBLE_CLICK_ZOOM, at));
    });
    on("pointerdown", (event) => {
      if (event.button !== 0) return;
      target.setPointerCapture(event.pointerId);
      down.set(event.pointerId, event);
    });
    on("pointermove", (event) => {
      const before = down.get(event.pointerId);
      if (before === undefined) return;
      down.set(event.pointerId, event);
      const other = [...down.values()].find(({ pointerId }) => pointerId !== event.pointerId);
      const { view, onView, onDrag } = latest.current;
      if (other !== undefined) onView(pinch(target, { before, event, other }));
      else if (view.scale > 1) {
        const { width, height } = boxAt(target, event);
        const by = { x: (event.clientX - before.clientX) / width, y: (event.clientY - before.clientY) / height };
        onView((now) => panned(now, by));
      } else onDrag?.(shareAt(target, event));
    });
    const up = (event: PointerEvent): void => void down.delete(event.pointerId);
    on("pointerup", up);
    on("pointercancel", up);
    return () => stop.abort();
  }, [box]);
}

interface Pinch {
  readonly before: PointerEvent;
  readonly event: PointerEvent;
  /** The finger that rests. */
  readonly other: PointerEvent;
}

function pinch(target: HTMLElement, { before, event, other }: Pinch): (view: View) => View {
  const apart = ({ clientX, clientY }: PointerEvent) => Math.hypot(clientX - other.clientX, clientY - other.clientY);
  const factor = apart(event) / Math.max(1, apart(before));
  const at = shareAt(target, {
    clientX: (event.clientX + other.clientX) / 2,
    clientY: (event.clientY + other.clientY) / 2,
  });
  return (view) => zoomed(view, factor, at);
}

type Point = Pick<MouseEvent, "clientX" | "clientY">;

/** Side by side, the box is the picture under the pointer. */
function boxAt(target: HTMLElement, { clientX, clientY }: Point): DOMRect {
  const boxes = [...target.children].map((child) => child.getBoundingClientRect());
  const under = boxes.find(
    ({ left, right, top, bottom }) => clientX >= left && clientX < right && clientY >= top && clientY < bottom,
  );
  return under ?? target.getBoundingClientRect();
}

function shareAt(target: HTMLElement, point: Point): Share {
  const { left, top, width, height } = boxAt(target, point);
  return { x: (point.clientX - left) / width, y: (point.clientY - top) / height };
}
