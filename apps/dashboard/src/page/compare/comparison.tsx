import { useEffect, useRef, useState } from "preact/hooks";
import { downloadUrl } from "../api/pictures.ts";
import { linkedBatch, mayDownload } from "../api/session.ts";
import { KeyHelp } from "../review/key-help.tsx";
import { NoteDialog } from "../review/note-dialog.tsx";
import { RedoButton } from "../review/redo-button.tsx";
import type { ReplacedResults } from "../review/replaced-results.ts";
import type { Reviewer } from "../review/reviewer.ts";
import type { PortraitCache } from "../sheet/portrait-cache.ts";
import type { StandingOut } from "../sheet/standing-out.ts";
import type { Indexes, StatesMap } from "../sheet/states-map.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Decision, Facts } from "./facts.tsx";
import { layoutOf, viewChangeOf } from "./stage-keys.ts";
import { StageTools } from "./stage-tools.tsx";
import { Stage, type Layout } from "./stage.tsx";
import { WHOLE } from "./view.ts";

/** Neighbours whose pictures are loaded in advance: the previous one, and the next ones. */
const LOADED = [-1, 0, 1, 2] as const;

interface Props {
  readonly batchId: string;
  /** The batch's lane; "" if the user may not see it. Such a user sees no cost either. */
  readonly lane: string;
  readonly shown: Indexes;
  readonly place: number;
  readonly cache: PortraitCache;
  readonly replaced: ReplacedResults;
  readonly states: StatesMap;
  readonly standingOut: StandingOut;
  /** Undefined if the user may not decide. */
  readonly reviewer: Reviewer | undefined;
  readonly onMove: (place: number) => void;
  readonly onClose: () => void;
}

/** Shows one portrait enlarged: before and after, its outcome, the decision about it, and links to its neighbours. */
export default function Comparison(props: Props) {
  const { batchId, lane, shown, place, cache, replaced, states, standingOut, reviewer, onMove, onClose } = props;
  const [dialog, setDialog] = useState<"note" | "keys" | "redo" | undefined>(undefined);
  const [blink, setBlink] = useState(false);
  // Kept from pair to pair.
  const [view, setView] = useState(WHOLE);
  const [layout, setLayout] = useState<Layout>("slider");
  const [share, setShare] = useState(50);
  const index = shown.at(place);
  const places = LOADED.map((step) => place + step).filter((each) => each >= 0 && each < shown.length);
  useEffect(() => {
    cache.want(
      places.map((each) => shown.at(each)),
      states,
    );
  }, [place, shown, states, cache]);
  void cache.version.value;
  const portrait = cache.get(index);
  const name = portrait?.id ?? `Portrait ${index + 1}`;

  const hasPair = states.reviewAt(index) !== undefined;
  const decide = (order: "approve" | "reject", note?: string): void => {
    reviewer?.decide(order, [index], note);
    if (reviewer?.problem.peek() === undefined) onMove(nextResult(states, shown, place));
  };
  const undo = (): void => {
    const undone = reviewer?.undo();
    for (let step = 0; undone !== undefined && step < shown.length; step++) {
      if (shown.at(step) === undone) return onMove(step);
    }
  };
  const press = (event: KeyboardEvent): void => {
    if (dialog !== undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const isSlider = event.target instanceof HTMLInputElement;
    const change = isSlider && event.shiftKey ? undefined : viewChangeOf(event);
    const wanted = layoutOf(event.key, layout);
    if (change !== undefined) setView(change);
    else if (wanted !== undefined) setLayout(wanted);
    else if (event.key === "j" || (event.key === "ArrowRight" && !isSlider)) onMove(place + 1);
    else if (event.key === "k" || (event.key === "ArrowLeft" && !isSlider)) onMove(place - 1);
    else if (event.key === " " && !(event.target instanceof HTMLButtonElement)) setBlink(true);
    else if (event.key === "?") setDialog("keys");
    else if (reviewer === undefined) return;
    else if (event.key === "a") decide("approve");
    else if (event.key === "r") setDialog("note");
    else if (event.key === "u") undo();
    else return;
    event.preventDefault();
  };
  const release = (event: KeyboardEvent): void => {
    if (event.key === " ") setBlink(false);
  };
  // Each key must see the portrait that the key before has moved to, so the latest functions are called.
  const latest = useRef({ press, release });
  latest.current = { press, release };
  // The element that had the focus is replaced by a neighbour's picture, so the page handles the keys.
  useEffect(() => {
    const down = (event: KeyboardEvent): void => latest.current.press(event);
    const up = (event: KeyboardEvent): void => latest.current.release(event);
    document.addEventListener("keydown", down);
    document.addEventListener("keyup", up);
    return () => {
      document.removeEventListener("keydown", down);
      document.removeEventListener("keyup", up);
    };
  }, []);
  return (
    <Dialog title={name} wide onClose={onClose}>
      <div class="comparison">
        <div class="pair">
          {places.map((each) => (
            <div key={shown.at(each)} class={each === place ? "shown" : "ahead"} inert={each !== place}>
              <Stage
                key={replaced.versionOf(shown.at(each))}
                batchId={batchId}
                index={shown.at(each)}
                state={states.stateAt(shown.at(each))}
                layout={blink ? "slider" : layout}
                view={view}
                share={blink ? 100 : share}
                isShown={each === place}
                onView={setView}
                onShare={setShare}
              />
            </div>
          ))}
        </div>
        <StageTools
          layout={layout}
          view={view}
          share={share}
          hasPair={hasPair}
          onLayout={setLayout}
          onView={setView}
          onShare={setShare}
          onBlink={setBlink}
        />
        <Facts portrait={portrait} lane={lane} reasons={standingOut.get(index) ?? []} />
        <Decision states={states} index={index} portrait={portrait} reviewer={reviewer} />
        <div class="dialog-buttons">
          {reviewer === undefined || states.reviewAt(index) === undefined ? null : (
            <>
              <button type="button" class="main" aria-keyshortcuts="a" onClick={() => decide("approve")}>
                Approve
              </button>
              <button type="button" class="danger" aria-keyshortcuts="r" onClick={() => setDialog("note")}>
                Reject…
              </button>
              <button type="button" class="plain" aria-keyshortcuts="u" onClick={undo}>
                Undo
              </button>
              {states.stateAt(index) !== "succeeded" || linkedBatch() !== undefined ? null : (
                <RedoButton
                  key={index}
                  batchId={batchId}
                  lane={lane}
                  indexes={[index]}
                  onDialog={(isOpen) => setDialog(isOpen ? "redo" : undefined)}
                />
              )}
            </>
          )}
          {states.reviewAt(index) === undefined || !mayDownload() ? null : (
            <a class="save" href={downloadUrl(batchId, index)} download={name}>
              Save
            </a>
          )}
          <span class="note position">
            {(place + 1).toLocaleString("en")} of {shown.length.toLocaleString("en")}
          </span>
          <button type="button" class="plain" disabled={place === 0} onClick={() => onMove(place - 1)}>
            Previous
          </button>
          <button type="button" class="plain" disabled={place >= shown.length - 1} onClick={() => onMove(place + 1)}>
            Next
          </button>
          <button type="button" class="plain" onClick={onClose}>
            Close
          </button>
        </div>
      </div>
      {dialog === "keys" ? <KeyHelp onClose={() => setDialog(undefined)} /> : null}
      {dialog !== "note" ? null : (
        <NoteDialog
          title={`Reject ${name}`}
          onClose={() => setDialog(undefined)}
          action="Reject"
          onNote={(note) => {
            setDialog(undefined);
            decide("reject", note);
          }}
        />
      )}
    </Dialog>
  );
}

/** Returns the next place with a result; otherwise the next place. */
function nextResult(states: StatesMap, shown: Indexes, place: number): number {
  for (let next = place + 1; next < shown.length; next++) {
    if (states.reviewAt(shown.at(next)) !== undefined) return next;
  }
  return place + 1;
}
