import { useEffect, useState } from "preact/hooks";
import { getJson } from "../api/client.ts";
import { pictureUrl } from "../api/pictures.ts";
import type { Portrait } from "../api/types.ts";
import { usd } from "../text/numbers.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Picture } from "../ui/picture.tsx";
import { Slider } from "./slider.tsx";

interface Props {
  readonly batchId: string;
  readonly index: number;
  readonly position: { readonly place: number; readonly length: number };
  readonly onMove: (step: number) => void;
  readonly onClose: () => void;
}

/** Shows one portrait enlarged: before and after, its outcome, and links to its neighbours. */
export function Comparison({ batchId, index, position, onMove, onClose }: Props) {
  const [portrait, setPortrait] = useState<Portrait | undefined>(undefined);
  useEffect(() => {
    const abort = new AbortController();
    getJson<Portrait>(`/v1/batches/${encodeURIComponent(batchId)}/portraits/${index}`, abort.signal).then(
      setPortrait,
      () => setPortrait(undefined),
    );
    return () => abort.abort();
  }, [batchId, index]);
  const current = portrait?.index === index ? portrait : undefined;
  const press = (event: KeyboardEvent): void => {
    if (event.target instanceof HTMLInputElement) return;
    if (event.key === "ArrowRight" || event.key === "j") onMove(1);
    else if (event.key === "ArrowLeft" || event.key === "k") onMove(-1);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title={current?.id ?? `Portrait ${index + 1}`} wide onClose={onClose}>
      <div class="comparison" onKeyDown={press}>
        <div class="pair">{current === undefined ? null : <Pictures batchId={batchId} portrait={current} />}</div>
        <Facts portrait={current} />
        <div class="dialog-buttons">
          <span class="note">
            {(position.place + 1).toLocaleString("en")} of {position.length.toLocaleString("en")}
          </span>
          <button type="button" class="plain" disabled={position.place === 0} onClick={() => onMove(-1)}>
            Previous
          </button>
          <button
            type="button"
            class="plain"
            disabled={position.place >= position.length - 1}
            onClick={() => onMove(1)}
          >
            Next
          </button>
          <button type="button" class="plain" onClick={onClose}>
            Close
          </button>
        </div>
      </div>
    </Dialog>
  );
}

function Pictures({ batchId, portrait: { index, state } }: { readonly batchId: string; readonly portrait: Portrait }) {
  const before = pictureUrl(batchId, index, "source");
  if (state !== "succeeded" && state !== "skipped") {
    return <Picture src={before} alt="Before" missing="The source cannot be shown here." />;
  }
  return <Slider key={index} before={before} after={pictureUrl(batchId, index, "result")} />;
}

function Facts({ portrait }: { readonly portrait: Portrait | undefined }) {
  if (portrait === undefined) return <p class="note">Loading…</p>;
  const { state, outcome, destination } = portrait;
  return (
    <p class="facts">
      <span>{outcome === null ? state : outcome.code}</span>
      {outcome === null || outcome.message === "" ? null : <span>{outcome.message}</span>}
      {outcome?.costUsd == null ? null : <span>{usd(outcome.costUsd)}</span>}
      {outcome?.retryable === true ? <span>may succeed when tried again</span> : null}
      {destination === null ? null : <span>{destination}</span>}
    </p>
  );
}
