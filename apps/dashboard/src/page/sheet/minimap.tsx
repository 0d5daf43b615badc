import { PORTRAIT_STATES } from "@darkroom/core/portrait";
import { useEffect, useRef } from "preact/hooks";
import { minimapOf } from "./minimap-columns.ts";
import type { StatesMap } from "./states-map.ts";

const HEIGHT_PX = 36;

/**
 * Shows the whole batch as one strip with a column per group of adjacent portraits, coloured by state. A click scrolls
 * to that group.
 */
export function Minimap({ states, onJump }: { readonly states: StatesMap; readonly onJump: (index: number) => void }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const target = canvas.current;
    if (target === null) return undefined;
    const redraw = (): void => draw(target, states);
    const sizes = new ResizeObserver(redraw);
    sizes.observe(target);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", redraw);
    return () => {
      sizes.disconnect();
      dark.removeEventListener("change", redraw);
    };
  }, [states]);
  const jump = (event: MouseEvent): void => {
    const { left, width } = (event.currentTarget as HTMLElement).getBoundingClientRect();
    onJump(Math.min(states.length - 1, Math.floor(((event.clientX - left) / width) * states.length)));
  };
  return <canvas ref={canvas} class="minimap" height={HEIGHT_PX} aria-hidden="true" onClick={jump} />;
}

function draw(canvas: HTMLCanvasElement, states: StatesMap): void {
  const width = canvas.clientWidth * devicePixelRatio;
  const height = HEIGHT_PX * devicePixelRatio;
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  if (context === null) return;
  const style = getComputedStyle(canvas);
  const colours = PORTRAIT_STATES.map((state) => style.getPropertyValue(`--${state}`));
  const columns = minimapOf(states, Math.floor(width));
  columns.forEach(({ counts, first, end }, column) => {
    const left = Math.floor((column * width) / columns.length);
    const right = Math.floor(((column + 1) * width) / columns.length);
    let top = 0;
    counts.forEach((count, code) => {
      if (count === 0) return;
      const part = (count / (end - first)) * height;
      context.fillStyle = colours[code] ?? "";
      context.fillRect(left, top, right - left, Math.ceil(part));
      top += part;
    });
  });
}
