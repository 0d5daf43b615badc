import { shownUsd } from "@darkroom/core/usd-text";
import { useEffect, useRef, useState } from "preact/hooks";
import { downloadUrl, pictureUrl } from "../api/pictures.ts";
import { linkedBatch, mayDownload } from "../api/session.ts";
import type { Portrait } from "../api/types.ts";
import { KeyHelp } from "../review/key-help.tsx";
import { NoteDialog } from "../review/note-dialog.tsx";
import { RedoButton } from "../review/redo-button.tsx";
import type { ReplacedResults } from "../review/replaced-results.ts";
import { reviewWords } from "../review/review-words.ts";
import type { Reviewer } from "../review/reviewer.ts";
import type { PortraitCache } from "../sheet/portrait-cache.ts";
import type { Indexes, StatesMap } from "../sheet/states-map.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Picture } from "../ui/picture.tsx";
import { Slider } from "./slider.tsx";

/** Neighbours whose pictures are loaded in advance: the previous one, and the next ones. */
const LOADED = [-1, 0, 1, 2] as const;

interface Props {
  readonly batchId: string;
  /** The batch's lane; "" if the user may not see it, who then sees no cost either. */
  readonly lane: string;
  readonly shown: Indexes;
  readonly place: number;
  readonly cache: PortraitCache;
  readonly replaced: ReplacedResults;
  readonly states: StatesMap;
  /** Undefined if the user may not decide. */
  readonly reviewer: Reviewer | undefined;
  readonly onMove: (place: number) => void;
  readonly onClose: () => void;
}

/** Shows one portrait enlarged: before and after, its outcome, the decision about it, and links to its neighbours. */
export function Comparison(props: Props) {
  const { batchId, lane, shown, place, cache, replaced, states, reviewer, onMove, onClose } = props;
  const [dialog, setDialog] = useState<"note" | "keys" | "redo" | undefined>(undefined);
  const [blink, setBlink] = useState(false);
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
    if (event.key === "j" || (event.key === "ArrowRight" && !isSlider)) onMove(place + 1);
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
  // A neighbour's picture takes the place of the one that had the focus, so the keys belong to the page.
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
              <Pictures
                key={replaced.versionOf(shown.at(each))}
                batchId={batchId}
                index={shown.at(each)}
                state={states.stateAt(shown.at(each))}
                blink={blink && each === place}
              />
            </div>
          ))}
        </div>
        <Facts portrait={portrait} lane={lane} />
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

interface DecisionProps extends Pick<Props, "states" | "reviewer"> {
  readonly index: number;
  readonly portrait: Portrait | undefined;
}

/** Says what was decided about the portrait, and why the user's last decision was not recorded. */
function Decision({ states, index, portrait, reviewer }: DecisionProps) {
  const state = states.reviewAt(index);
  if (state === undefined) return null;
  const known = portrait?.review?.state === state ? portrait.review : { state, by: null, note: null };
  const problem = reviewer?.problem.value;
  return (
    <>
      <p class={`decision r-${state}`} role="status">
        {reviewWords(known)}
      </p>
      {problem === undefined ? null : (
        <p class="note bad" role="alert">
          {problem}
        </p>
      )}
    </>
  );
}

interface PicturesProps {
  readonly batchId: string;
  readonly index: number;
  readonly state: Portrait["state"];
  /** True to show only the source. */
  readonly blink: boolean;
}

function Pictures({ batchId, index, state, blink }: PicturesProps) {
  const before = pictureUrl(batchId, index, "source");
  if (state !== "succeeded" && state !== "skipped") {
    return <Picture src={before} alt="Before" missing="The source cannot be shown here." />;
  }
  return <Slider before={before} after={pictureUrl(batchId, index, "result")} blink={blink} />;
}

function Facts({ portrait, lane }: { readonly portrait: Portrait | undefined; readonly lane: string }) {
  if (portrait === undefined) return <p class="note">Loading…</p>;
  const { state, outcome, destination } = portrait;
  return (
    <p class="facts">
      <span>{outcome === null ? state : outcome.code}</span>
      {outcome === null || outcome.message === "" ? null : <span>{outcome.message}</span>}
      {outcome?.costUsd == null ? null : <span>{shownUsd(outcome.costUsd, lane)}</span>}
      {outcome?.retryable === true ? <span>may succeed when tried again</span> : null}
      {destination === null ? null : <span>{destination}</span>}
    </p>
  );
}
