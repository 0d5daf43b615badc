/**
 * The tallest scroller that every browser lays out right: Firefox ends at 17.9 million px, Chromium at 16.8 million
 * divided by the screen's pixel ratio.
 */
export const TALLEST_PX = 5_000_000;

/** A grid of equal cells in a scroller. */
export interface Grid {
  readonly columns: number;
  readonly rows: number;
  /** Width of a cell, gaps included, in px. */
  readonly cellWidth: number;
  readonly cellHeight: number;
  /** Height of all rows, in px. */
  readonly height: number;
  /** Height of the scroller's content, at most {@link TALLEST_PX}. */
  readonly scrollHeight: number;
  readonly viewHeight: number;
}

export interface GridSize {
  readonly width: number;
  readonly viewHeight: number;
  readonly leastCellWidth: number;
  /** Height of a cell beyond its width, in px. */
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

/** Distance of the view from the first row, in px, that a scroller's position stands for. */
export function offsetAt({ height, scrollHeight, viewHeight }: Grid, scrollTop: number): number {
  const most = Math.max(0, height - viewHeight);
  const mostScroll = scrollHeight - viewHeight;
  if (mostScroll <= 0) return 0;
  return height <= scrollHeight ? Math.min(scrollTop, most) : (scrollTop / mostScroll) * most;
}

/** The scroller's position for an offset; the inverse of {@link offsetAt}. */
export function scrollTopAt({ height, scrollHeight, viewHeight }: Grid, offset: number): number {
  const most = Math.max(1, height - viewHeight);
  return height <= scrollHeight ? offset : (offset / most) * (scrollHeight - viewHeight);
}

/**
 * The offset after the scroller moved. In a compressed scroller a small step moves the view by just that many pixels,
 * so that the wheel and the keys feel alike at every length; a large one is a jump of the scroll bar.
 */
export function offsetAfter(grid: Grid, offset: number, move: { readonly from: number; readonly to: number }): number {
  const step = move.to - move.from;
  const isCompressed = grid.height > grid.scrollHeight;
  const atEnd = move.to <= 0 || move.to >= grid.scrollHeight - grid.viewHeight - 1;
  if (!isCompressed || atEnd || Math.abs(step) > grid.viewHeight * 2) return offsetAt(grid, move.to);
  return Math.min(Math.max(0, offset + step), Math.max(0, grid.height - grid.viewHeight));
}

/** The places of the cells to draw: those in view and `extraRows` above and below. */
export function visiblePlaces(
  { columns, rows, cellHeight, viewHeight }: Grid,
  { offset, count, extraRows }: { readonly offset: number; readonly count: number; readonly extraRows: number },
): { readonly first: number; readonly end: number } {
  const firstRow = Math.max(0, Math.floor(offset / cellHeight) - extraRows);
  const endRow = Math.min(rows, Math.ceil((offset + viewHeight) / cellHeight) + extraRows);
  return { first: firstRow * columns, end: Math.min(count, endRow * columns) };
}

/** The offset that brings a place into view, moving as little as possible. */
export function offsetShowing({ columns, cellHeight, viewHeight }: Grid, offset: number, place: number): number {
  const top = Math.floor(place / columns) * cellHeight;
  if (top < offset) return top;
  return top + cellHeight > offset + viewHeight ? top + cellHeight - viewHeight : offset;
}
