/**
 * The tallest scroller that every browser lays out correctly. Firefox ends at 17.9 million px, Chromium at 16.8 million
 * divided by the screen's pixel ratio.
 */
export const TALLEST_PX = 5_000_000;

/** A grid of equal cells in a scroller. */
export interface Grid {
  readonly columns: number;
  readonly rows: number;
  /** Width of a cell including gaps, in px. */
  readonly cellWidth: number;
  readonly cellHeight: number;
  /** Height of all rows, in px. */
  readonly height: number;
  /** Height of the scroller's content, in px; at most {@link TALLEST_PX}. */
  readonly scrollHeight: number;
  readonly viewHeight: number;
}

export interface GridSize {
  readonly width: number;
  readonly viewHeight: number;
  readonly leastCellWidth: number;
  /** Difference between a cell's height and its width, in px. */
  readonly captionHeight: number;
}

export function gridOf(count: number, { width, viewHeight, leastCellWidth, captionHeight }: GridSize): Grid {
  const columns = Math.max(1, Math.floor(width / leastCellWidth));
  const cellWidth = Math.floor(Math.max(width, 1) / columns);
  const cellHeight = cellWidth + captionHeight;
  const rows = Math.ceil(count / columns);
  const height = rows * cellHeight;
  return {
    columns,
    rows,
    cellWidth,
    cellHeight,
    height,
    scrollHeight: Math.min(Math.max(height, viewHeight), TALLEST_PX),
    viewHeight,
  };
}

/** Returns the distance of the view from the first row, in px, for a scroll position. */
export function offsetAt({ height, scrollHeight, viewHeight }: Grid, scrollTop: number): number {
  const most = Math.max(0, height - viewHeight);
  const mostScroll = scrollHeight - viewHeight;
  if (mostScroll <= 0) return 0;
  return height <= scrollHeight ? Math.min(scrollTop, most) : (scrollTop / mostScroll) * most;
}

/** Returns the scroll position for an offset. The inverse of {@link offsetAt}. */
export function scrollTopAt({ height, scrollHeight, viewHeight }: Grid, offset: number): number {
  const most = Math.max(1, height - viewHeight);
  return height <= scrollHeight ? offset : (offset / most) * (scrollHeight - viewHeight);
}

/**
 * Returns the offset after a scroll. In a compressed scroller, a small step moves the view by the same number of
 * pixels, so that the wheel and the keys behave alike at every length. A large step is a jump of the scroll bar.
 */
export function offsetAfter(grid: Grid, offset: number, move: { readonly from: number; readonly to: number }): number {
  const step = move.to - move.from;
  const isCompressed = grid.height > grid.scrollHeight;
  const atEnd = move.to <= 0 || move.to >= grid.scrollHeight - grid.viewHeight - 1;
  if (!isCompressed || atEnd || Math.abs(step) > grid.viewHeight * 2) return offsetAt(grid, move.to);
  return Math.min(Math.max(0, offset + step), Math.max(0, grid.height - grid.viewHeight));
}

/** Returns the places of the cells to draw: the visible ones and `extraRows` above and below. */
export function visiblePlaces(
  { columns, rows, cellHeight, viewHeight }: Grid,
  { offset, count, extraRows }: { readonly offset: number; readonly count: number; readonly extraRows: number },
): { readonly first: number; readonly end: number } {
  const firstRow = Math.max(0, Math.floor(offset / cellHeight) - extraRows);
  const endRow = Math.min(rows, Math.ceil((offset + viewHeight) / cellHeight) + extraRows);
  return { first: firstRow * columns, end: Math.min(count, endRow * columns) };
}

/** Returns the offset that scrolls a place into view with the smallest movement. */
export function offsetShowing({ columns, cellHeight, viewHeight }: Grid, offset: number, place: number): number {
  const top = Math.floor(place / columns) * cellHeight;
  if (top < offset) return top;
  return top + cellHeight > offset + viewHeight ? top + cellHeight - viewHeight : offset;
}
