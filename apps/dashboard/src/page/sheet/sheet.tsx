import type { PortraitState } from "@darkroom/core/portrait";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { BatchStatus } from "../api/types.ts";
import { Comparison } from "../compare/comparison.tsx";
import { queryOf, setQuery } from "../ui/router.tsx";
import { Filters, parseFilter } from "./filters.tsx";
import { GridView } from "./grid-view.tsx";
import { readStates } from "./load-states.ts";
import { Minimap } from "./minimap.tsx";
import { PortraitCache } from "./portrait-cache.ts";

/** Shows the contact sheet of a batch: all portraits, with filters and a minimap. */
export function Sheet({ status }: { readonly status: BatchStatus }) {
  const { id } = status;
  const reader = useMemo(() => readStates(id), [id]);
  const cache = useMemo(() => new PortraitCache(id), [id]);
  useEffect(() => reader.stop, [reader]);
  useEffect(() => () => cache.stop(), [cache]);
  useEffect(() => reader.follow(status), [reader, status]);

  const [filter, setFilter] = useState<ReadonlySet<PortraitState>>(() => parseFilter(queryOf("state")));
  const [chosen, setChosen] = useState(0);
  const [open, setOpen] = useState(false);
  const states = reader.states.value;
  const shown = useMemo(() => states.indexesIn(filter), [states, filter]);

  const choose = (wanted: ReadonlySet<PortraitState>): void => {
    setFilter(wanted);
    setChosen(0);
    setQuery("state", wanted.size === 0 ? undefined : [...wanted].join(","));
  };
  const place = Math.min(chosen, Math.max(0, shown.length - 1));
  if (states.length === 0) return <p class="note">No portraits yet.</p>;
  return (
    <section aria-label="Contact sheet">
      <Filters counts={status.counts} filter={filter} onChange={choose} />
      {filter.size > 0 ? null : <Minimap states={states} onJump={(index) => setChosen(index)} />}
      <GridView
        shown={shown}
        states={states}
        cache={cache}
        batchId={id}
        chosen={place}
        onChoose={setChosen}
        onOpen={(at) => {
          setChosen(at);
          setOpen(true);
        }}
      />
      {!open || shown.length === 0 ? null : (
        <Comparison
          batchId={id}
          index={shown.at(place)}
          position={{ place, length: shown.length }}
          onMove={(step) => setChosen(Math.min(Math.max(0, place + step), shown.length - 1))}
          onClose={() => setOpen(false)}
        />
      )}
    </section>
  );
}
