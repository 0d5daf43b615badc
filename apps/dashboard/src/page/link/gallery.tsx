import { computed } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { getJson } from "../api/client.ts";
import { mayDownload } from "../api/session.ts";
import { poll } from "../api/poll.ts";
import type { Gallery as GalleryView } from "../api/types.ts";
import { Sheet, type SheetSource } from "../sheet/sheet.tsx";
import { count, moment } from "../text/numbers.ts";
import { ProgressBar } from "../ui/progress-bar.tsx";

const EVERY_MS = 2_000;

/** Shows a batch to a client who came by a link: the pictures, and decisions about them if the link allows these. */
export function Gallery({ id }: { readonly id: string }) {
  const polled = useMemo(
    () => poll((signal) => getJson<GalleryView>(`/v1/batches/${encodeURIComponent(id)}/gallery`, signal), EVERY_MS),
    [id],
  );
  useEffect(() => polled.stop, [polled]);
  const gallery = polled.value.value;
  const isThere = gallery !== undefined;
  const source = useMemo((): SheetSource | undefined => {
    const first = polled.value.peek();
    if (first === undefined) return undefined;
    // Decisions by other users arrive with the next poll.
    return { status: computed(() => polled.value.value ?? first), onReview: () => () => undefined };
  }, [polled, isThere]);
  const title = gallery?.name ?? "Portraits";
  useEffect(() => {
    document.title = `${title} · Darkroom`;
    return () => void (document.title = "Darkroom");
  }, [title]);
  if (gallery === undefined || source === undefined) return <p class="note">{polled.error.value ?? "Loading…"}</p>;
  const { counts, review, mayReview, expiresAt } = gallery;
  const ready = counts.succeeded + counts.skipped;
  return (
    <section class="batch-page">
      <h1>{title}</h1>
      {ready === counts.total ? null : <ProgressBar counts={counts} />}
      <p class="facts">
        <span>
          {ready.toLocaleString("en")} of {count(counts.total, "portrait")} ready
        </span>
        {!mayReview ? null : <span>{count(review.undecided, "picture")} to decide about</span>}
        {expiresAt === null ? null : <span>open until {moment(expiresAt)}</span>}
      </p>
      {ready === 0 || !mayDownload() ? null : (
        <p>
          <a href={`/v1/batches/${encodeURIComponent(id)}/results.zip`} download>
            Save all as ZIP
          </a>
        </p>
      )}
      {polled.error.value === undefined ? null : <p class="note warn">{polled.error.value}</p>}
      <Sheet live={source} />
    </section>
  );
}
