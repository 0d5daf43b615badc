/** The part of a picture that its box shows. Kept from pair to pair. */
export interface View {
  /** 1 shows the whole picture. */
  readonly scale: number;
  /** The centre, as shares of the box at scale 1. */
  readonly x: number;
  readonly y: number;
}

/** A point or a distance, as shares of the box. */
export interface Share {
  readonly x: number;
  readonly y: number;
}

export const WHOLE: View = { scale: 1, x: 0.5, y: 0.5 };
const CENTRE: Share = { x: 0.5, y: 0.5 };
const MOST_SCALE = 12;
/** Below this factor, the whole picture is shown, so that zooming out ends there. */
const LEAST_ZOOM = 1.02;

/** Zooms by a factor. The point `at` keeps its position. */
export function zoomed({ scale, x, y }: View, factor: number, at: Share = CENTRE): View {
  const next = Math.min(MOST_SCALE, Math.max(1, scale * factor));
  const shift = (place: number): number => (place - 0.5) * (1 / scale - 1 / next);
  return bounded({ scale: next, x: x + shift(at.x), y: y + shift(at.y) });
}

/** Moves the picture by shares of the box. The picture always covers the box. */
export function panned({ scale, x, y }: View, by: Share): View {
  return bounded({ scale, x: x - by.x / scale, y: y - by.y / scale });
}

/** Returns the CSS transform of an element as large as the box, from its upper left corner. */
export function transformOf({ scale, x, y }: View): string {
  const shift = (centre: number): string => `${round(100 * (0.5 - scale * centre))}%`;
  return `translate(${shift(x)}, ${shift(y)}) scale(${round(scale)})`;
}

function bounded({ scale, x, y }: View): View {
  if (scale < LEAST_ZOOM) return WHOLE;
  const half = 0.5 / scale;
  const within = (centre: number): number => Math.min(1 - half, Math.max(half, centre));
  return { scale, x: within(x), y: within(y) };
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
