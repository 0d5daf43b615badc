import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { Cell } from "./cell.tsx";
import { gridOf, offsetAfter, offsetShowing, scrollTopAt, visiblePlaces } from "./grid.ts";
import type { ReplacedResults } from "../review/replaced-results.ts";
import type { PortraitCache } from "./portrait-cache.ts";
import type { Indexes, StatesMap } from "./states-map.ts";

const LEAST_CELL_PX = 148;
const CAPTION_PX = 34;
const EXTRA_ROWS = 2;
/** Time without a movement after which the scroll bar of a compressed scroller is set to the view's position. */
const SETTLE_MS = 150;

interface Props {
  readonly batchId: string;
  readonly shown: Indexes;
  readonly states: StatesMap;
  readonly cache: PortraitCache;
  readonly replaced: ReplacedResults;
  /** Place of the selected portrait, from which the keys move. */
  readonly chosen: number;
  /** Indexes of the portraits that are selected together. */
  readonly selected: ReadonlySet<number>;
  /** Undefined if no action on a selection is permitted. */
  readonly onSelect: ((selected: ReadonlySet<number>) => void) | undefined;
  /** Returns true for a key that it has handled. */
  readonly onKey: (key: string) => boolean;
  readonly onChoose: (place: number) => void;
  readonly onOpen: (place: number) => void;
}

/** The scrolling grid. Only the visible cells exist. Beyond {@link TALLEST_PX}, the scroll bar is compressed. */
export function GridView(props: Props) {
  const { batchId, shown, states, cache, replaced, chosen, selected, onSelect, onKey, onChoose, onOpen } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, viewHeight: 0 });
  const [offset, setOffset] = useState(0);
  const scrolledTo = useRef(0);
  const settling = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const grid = useMemo(
    () => gridOf(shown.length, { ...size, leastCellWidth: LEAST_CELL_PX, captionHeight: CAPTION_PX }),
    [shown.length, size],
  );

  useEffect(() => {
    const box = scroller.current;
    if (box === null) return undefined;
    const measure = (): void => setSize({ width: box.clientWidth, viewHeight: box.clientHeight });
    const sizes = new ResizeObserver(measure);
    sizes.observe(box);
    measure();
    return () => sizes.disconnect();
  }, []);

  const moveTo = (next: number): void => {
    setOffset(next);
    const top = scrollTopAt(grid, next);
    scrolledTo.current = top;
    if (scroller.current !== null) scroller.current.scrollTop = top;
  };
  const scrolled = (): void => {
    const to = scroller.current?.scrollTop ?? 0;
    const from = scrolledTo.current;
    if (Math.abs(to - from) < 1) return;
    scrolledTo.current = to;
    const next = offsetAfter(grid, offset, { from, to });
    setOffset(next);
    clearTimeout(settling.current);
    if (grid.height > grid.scrollHeight) settling.current = setTimeout(() => moveTo(next), SETTLE_MS);
  };
  useEffect(() => () => clearTimeout(settling.current), []);

  // Scrolls to the selected cell. A sheet that became shorter scrolls to its end.
  useLayoutEffect(() => {
    if (size.viewHeight === 0) return;
    const next = offsetShowing(grid, Math.min(offset, Math.max(0, grid.height - grid.viewHeight)), chosen);
    if (next !== offset) moveTo(next);
  }, [chosen, grid]);

  const { first, end } = visiblePlaces(grid, { offset, count: shown.length, extraRows: EXTRA_ROWS });
  const places = Array.from({ length: end - first }, (_, at) => first + at);
  useEffect(() => {
    cache.want(
      places.map((place) => shown.at(place)),
      states,
    );
  }, [first, end, shown, states, cache]);
  void cache.version.value;

  const top = (scroller.current?.scrollTop ?? 0) - offset;
  const toggle = (from: number, to = from): void => {
    const next = new Set(selected);
    for (let place = Math.min(from, to); place <= Math.max(from, to); place++) {
      const index = shown.at(place);
      if (from !== to) next.add(index);
      else if (!next.delete(index)) next.add(index);
    }
    onSelect?.(next);
  };
  const press = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = stepOf(event.key, grid.columns, Math.max(1, Math.floor(grid.viewHeight / grid.cellHeight)));
    if (event.key === "Enter" || event.key === " ") onOpen(chosen);
    else if (step !== undefined) {
      const to = Math.min(Math.max(0, chosen + step), shown.length - 1);
      if (event.shiftKey) toggle(chosen, to);
      onChoose(to);
    } else if (event.key === "x") toggle(chosen);
    else if (!onKey(event.key)) return;
    event.preventDefault();
  };
  return (
    <div
      ref={scroller}
      class="sheet"
      role="listbox"
      aria-label="Portraits"
      aria-multiselectable={onSelect === undefined ? undefined : true}
      tabIndex={0}
      aria-activedescendant={`cell-${chosen}`}
      onScroll={scrolled}
      onKeyDown={press}
    >
      <div class="space" role="presentation" style={{ height: `${grid.scrollHeight}px` }}>
        {places.map((place) => {
          const index = shown.at(place);
          return (
            <Cell
              key={index}
              place={place}
              length={shown.length}
              index={index}
              batchId={batchId}
              state={states.stateAt(index)}
              review={states.reviewAt(index)}
              version={replaced.versionOf(index)}
              portrait={cache.get(index)}
              isChosen={place === chosen}
              isSelected={selected.size === 0 ? place === chosen : selected.has(index)}
              box={{
                left: (place % grid.columns) * grid.cellWidth,
                top: Math.floor(place / grid.columns) * grid.cellHeight + top,
                width: grid.cellWidth,
                height: grid.cellHeight,
              }}
              onOpen={(event) => {
                if (onSelect === undefined) return onOpen(place);
                if (event.shiftKey) toggle(chosen, place);
                else if (event.ctrlKey || event.metaKey) toggle(place);
                else return onOpen(place);
                onChoose(place);
              }}
            />
          );
        })}
      </div>
    </div>
  );
}

/** Returns the number of places by which a key moves the selection; undefined for any other key. */
function stepOf(key: string, columns: number, rowsInView: number): number | undefined {
  switch (key) {
    case "ArrowRight":
      return 1;
    case "ArrowLeft":
      return -1;
    case "ArrowDown":
      return columns;
    case "ArrowUp":
      return -columns;
    case "PageDown":
      return columns * rowsInView;
    case "PageUp":
      return -columns * rowsInView;
    case "Home":
      return -Infinity;
    case "End":
      return Infinity;
    default:
      return undefined;
  }
}
