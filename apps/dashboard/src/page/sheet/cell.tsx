import type { PortraitState } from "@darkroom/core/portrait";
import type { Portrait } from "../api/types.ts";
import { thumbnailUrl } from "../api/pictures.ts";
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
  readonly isChosen: boolean;
  readonly box: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
  readonly onOpen: () => void;
}

/** Shows one portrait of the sheet. */
export function Cell({ place, length, index, batchId, state, portrait, isChosen, box, onOpen }: Props) {
  const name = portrait?.id ?? `portrait ${index + 1}`;
  return (
    <div
      id={`cell-${place}`}
      role="option"
      aria-selected={isChosen}
      aria-setsize={length}
      aria-posinset={place + 1}
      class={isChosen ? "cell chosen" : "cell"}
      style={{
        transform: `translate(${box.left}px, ${box.top}px)`,
        width: `${box.width}px`,
        height: `${box.height}px`,
      }}
      onClick={onOpen}
    >
      <div class="thumb">
        {state === "succeeded" ? (
          <Picture src={thumbnailUrl(batchId, index, "result")} alt={stateName(state)} />
        ) : (
          <StateSign state={state} />
        )}
      </div>
      <div class="caption">
        <i class={`dot s-${state}`} aria-hidden="true" />
        <span title={name}>{shortName(name)}</span>
      </div>
    </div>
  );
}

function StateSign({ state }: { readonly state: PortraitState }) {
  return <span class={`sign s-${state}`}>{stateName(state)}</span>;
}

/** Returns the last segment of a path, which distinguishes neighbours. */
function shortName(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}
