import type { PortraitState } from "@darkroom/core/portrait";
import type { ReviewState } from "@darkroom/core/review";
import type { Portrait } from "../api/types.ts";
import { REVIEW_SIGNS, reviewWords } from "../review/review-words.ts";
import { useState } from "preact/hooks";
import { newlyShown, thumbnailUrl } from "../api/pictures.ts";
import { stateName } from "../text/batch-words.ts";
import { Picture } from "../ui/picture.tsx";

interface Props {
  readonly place: number;
  /** Number of portraits in the sheet. */
  readonly length: number;
  readonly index: number;
  readonly batchId: string;
  readonly state: PortraitState;
  readonly portrait: Portrait | undefined;
  readonly review: ReviewState | undefined;
  /** See `ReplacedResults`. */
  readonly version: number;
  readonly isChosen: boolean;
  readonly isSelected: boolean;
  readonly box: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
  readonly onOpen: (event: MouseEvent) => void;
}

/** Shows one portrait of the sheet. */
export function Cell(props: Props) {
  const { place, length, index, batchId, state, portrait, review, version, isChosen, isSelected, box, onOpen } = props;
  const name = portrait?.id ?? `portrait ${index + 1}`;
  const folder = folderOf(name);
  return (
    <div
      id={`cell-${place}`}
      role="option"
      aria-selected={isSelected}
      aria-setsize={length}
      aria-posinset={place + 1}
      class={`cell${isChosen ? " chosen" : ""}${isSelected ? " selected" : ""}`}
      style={{
        transform: `translate(${box.left}px, ${box.top}px)`,
        width: `${box.width}px`,
        height: `${box.height}px`,
      }}
      onClick={onOpen}
    >
      <div class="thumb">
        {state === "succeeded" ? (
          <Thumbnail key={version} url={thumbnailUrl(batchId, index, "result")} alt={stateName(state)} />
        ) : (
          <StateSign state={state} />
        )}
      </div>
      <div class="caption">
        <i class={`dot s-${state}`} aria-hidden="true" />
        <span class="cell-name" title={name}>
          {folder === "" ? null : <small>{folder}</small>}
          <span>{name.slice(folder.length)}</span>
        </span>
        {review === undefined || review === "undecided" ? null : (
          <b
            class={`mark r-${review}`}
            title={reviewWords(portrait?.review ?? { state: review, by: null, note: null })}
          >
            <span aria-hidden="true">{REVIEW_SIGNS[review]}</span>
            <span class="unseen">{review}</span>
          </b>
        )}
      </div>
    </div>
  );
}

function Thumbnail({ url, alt }: { readonly url: string; readonly alt: string }) {
  const [shown] = useState(newlyShown);
  return <Picture src={`${url}&shown=${shown}`} alt={alt} />;
}

function StateSign({ state }: { readonly state: PortraitState }) {
  return <span class={`sign s-${state}`}>{stateName(state)}</span>;
}

/** Returns the part of a path up to its last slash; "" if there is none. */
function folderOf(name: string): string {
  return name.slice(0, name.lastIndexOf("/") + 1);
}
