import type { PortraitState } from "@darkroom/core/portrait";
import type { ReviewState } from "@darkroom/core/review";
import type { ReadonlySignal } from "@preact/signals";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { LiveBatch } from "../api/live-batch.ts";
import { may } from "../api/session.ts";
import type { BatchStatus } from "../api/types.ts";
import { KeyHelp } from "../review/key-help.tsx";
import { NoteDialog } from "../review/note-dialog.tsx";
import { ReplacedResults } from "../review/replaced-results.ts";
import { Reviewer } from "../review/reviewer.ts";
import { SelectionBar } from "../review/selection-bar.tsx";
import { count } from "../text/numbers.ts";
import { Lazy, preload } from "../ui/lazy.tsx";
import { queryOf, setQuery } from "../ui/router.tsx";
import { Filters, isFiltered, parseFilter } from "./filters.tsx";
import { GridView } from "./grid-view.tsx";
import { readStates, type SheetStatus } from "./load-states.ts";
import { Minimap } from "./minimap.tsx";
import { PortraitCache } from "./portrait-cache.ts";
import { StandingOutReader } from "./standing-out.ts";
import { among, type Indexes, type SheetFilter } from "./states-map.ts";

const loadComparison = () => import("../compare/comparison.tsx");

/** The parts of a batch that a client does not see. */
type OwnStatus = Pick<BatchStatus, "lane" | "endedAt" | "consistency">;

/** The part of a live batch that the sheet shows. */
export interface SheetSource extends Pick<LiveBatch, "onReview"> {
  readonly status: ReadonlySignal<SheetStatus & Partial<OwnStatus>>;
}

/** Shows the contact sheet of a batch: all portraits, with filters, a minimap, and decisions about results. */
export function Sheet({ live }: { readonly live: SheetSource }) {
  const status = live.status.value;
  const { id } = status;
  const reader = useMemo(() => readStates(id), [id]);
  const cache = useMemo(() => new PortraitCache(id), [id]);
  const reviewer = useMemo(() => new Reviewer(id, reader, live.status.peek().review.revision), [id, reader]);
  useEffect(() => reader.stop, [reader]);
  useEffect(() => preload(loadComparison), []);
  useEffect(() => () => cache.stop(), [cache]);
  useEffect(() => reader.follow(status), [reader, status]);
  const outliers = useMemo(() => new StandingOutReader(id), [id]);
  useEffect(() => () => outliers.stop(), [outliers]);
  useEffect(() => {
    const { endedAt, consistency } = status;
    if (endedAt !== undefined && consistency !== undefined) outliers.follow({ endedAt, consistency });
  }, [outliers, status]);
  const standingOut = outliers.portraits.value;
  const replaced = useMemo(() => new ReplacedResults(), [id]);
  useEffect(() => replaced.follow(status), [replaced, status]);
  useEffect(
    () =>
      live.onReview((event) => {
        reviewer.take(event);
        replaced.take(event);
      }),
    [live, reviewer, replaced],
  );

  const [filter, setFilter] = useState<SheetFilter>(() => parseFilter(queryOf));
  const [chosen, setChosen] = useState(0);
  /** The sheet's portraits when the comparison was opened. Decisions do not remove a portrait from under the user. */
  const [opened, setOpened] = useState<Indexes | undefined>(undefined);
  const [selected, setSelected] = useState<ReadonlySet<number>>(new Set());
  const [dialog, setDialog] = useState<"note" | "keys" | undefined>(undefined);
  const states = reviewer.states.value;
  const matching = useMemo(
    () => (filter.standsOut ? among(states.indexesIn(filter), standingOut) : states.indexesIn(filter)),
    [states, filter, standingOut],
  );
  const shown = opened ?? matching;
  const reviews = useMemo(() => states.reviewCounts(), [states]);

  const filterBy = (wanted: SheetFilter): void => {
    setFilter(wanted);
    setChosen(0);
    setQuery("state", textOf(wanted.states));
    setQuery("review", textOf(wanted.reviews));
    setQuery("standsOut", wanted.standsOut ? "true" : undefined);
  };
  const place = Math.min(chosen, Math.max(0, shown.length - 1));
  const mayReview = may("review");
  const current =
    selected.size > 0 ? [...selected].toSorted((a, b) => a - b) : shown.length > 0 ? [shown.at(place)] : [];
  const decide = (order: "approve" | "reject", note?: string): void => {
    reviewer.decide(order, current, note);
    if (selected.size > 0) setSelected(new Set());
    else if (filter.reviews.size === 0) setChosen(Math.min(place + 1, shown.length - 1));
  };
  const press = (key: string): boolean => {
    // The comparison handles the keys, even while its script is loading.
    if (opened !== undefined) return false;
    if (key === "?") setDialog("keys");
    else if (key === "Escape" && selected.size > 0) setSelected(new Set());
    else if (!mayReview || current.length === 0) return false;
    else if (key === "a") decide("approve");
    else if (key === "r") setDialog("note");
    else if (key === "u") reviewer.undo();
    else return false;
    return true;
  };
  if (states.length === 0) return <p class="note">No portraits yet.</p>;
  return (
    <section aria-label="Contact sheet">
      <Filters counts={status.counts} reviews={reviews} outliers={standingOut.size} filter={filter} onChange={filterBy}>
        <button type="button" class="help" aria-label="Keys" onClick={() => setDialog("keys")}>
          ?
        </button>
      </Filters>
      {isFiltered(filter) ? null : <Minimap states={states} onJump={(index) => setChosen(index)} />}
      {reviewer.problem.value === undefined || opened !== undefined ? null : (
        <p class="note bad" role="alert">
          {reviewer.problem.value}
        </p>
      )}
      {!mayReview || selected.size === 0 ? null : (
        <SelectionBar
          selected={selected.size}
          onApprove={() => decide("approve")}
          onReject={() => setDialog("note")}
          onClear={() => setSelected(new Set())}
        />
      )}
      <GridView
        shown={shown}
        states={states}
        cache={cache}
        replaced={replaced}
        batchId={id}
        chosen={place}
        selected={selected}
        onSelect={mayReview ? setSelected : undefined}
        onChoose={setChosen}
        onKey={press}
        onOpen={(at) => {
          setChosen(at);
          setOpened(matching);
        }}
      />
      {opened === undefined || shown.length === 0 ? null : (
        <Lazy
          load={loadComparison}
          props={{
            batchId: id,
            lane: status.lane ?? "",
            shown,
            place,
            cache,
            replaced,
            states,
            standingOut,
            reviewer: mayReview ? reviewer : undefined,
            onMove: (to: number) => setChosen(Math.min(Math.max(0, to), shown.length - 1)),
            onClose: () => setOpened(undefined),
          }}
        />
      )}
      {dialog === "keys" ? <KeyHelp onClose={() => setDialog(undefined)} /> : null}
      {dialog !== "note" ? null : (
        <NoteDialog
          title={`Reject ${count(current.length, "portrait")}`}
          onClose={() => setDialog(undefined)}
          action="Reject"
          onNote={(note) => {
            setDialog(undefined);
            decide("reject", note);
          }}
        />
      )}
    </section>
  );
}

function textOf(some: ReadonlySet<PortraitState | ReviewState>): string | undefined {
  return some.size === 0 ? undefined : [...some].join(",");
}
