import { shownUsd, usdText } from "@darkroom/core/usd-text";
import { useEffect, useMemo } from "preact/hooks";
import { getJson } from "../api/client.ts";
import { isSimulated, may } from "../api/session.ts";
import { SampleButton } from "./sample-button.tsx";
import { poll } from "../api/poll.ts";
import type { BatchPage, BatchStatus } from "../api/types.ts";
import { batchTitle, isEnded, stateWords, waitLines } from "../text/batch-words.ts";
import { count, moment, timeLeft } from "../text/numbers.ts";
import { ProgressBar } from "../ui/progress-bar.tsx";
import { Link } from "../ui/router.tsx";
import { StateBadge } from "../ui/state-badge.tsx";

const EVERY_MS = 2_000;
const LIMIT = 50;

export function BatchList() {
  const polled = useMemo(
    () => poll((signal) => getJson<BatchPage>(`/v1/batches?limit=${LIMIT}`, signal), EVERY_MS),
    [],
  );
  useEffect(() => polled.stop, [polled]);
  const page = polled.value.value;
  if (page === undefined) return <p class="note">{polled.error.value ?? "Loading…"}</p>;
  if (page.batches.length === 0) return <NoBatches onFilled={polled.refresh} />;
  return (
    <section>
      <h1>Batches</h1>
      {polled.error.value === undefined ? null : <p class="note warn">{polled.error.value}</p>}
      <ul class="batches">
        {page.batches.map((batch) => (
          <BatchRow key={batch.id} batch={batch} />
        ))}
      </ul>
      {page.nextCursor === null ? null : <p class="note">The {LIMIT} newest batches. `darkroom list` shows all.</p>}
    </section>
  );
}

function BatchRow({ batch }: { readonly batch: BatchStatus }) {
  const { counts } = batch;
  const [wait] = waitLines(batch);
  return (
    <li>
      <article class="batch">
        <div class="batch-head">
          <h2>
            <Link to={`/batches/${encodeURIComponent(batch.id)}`}>{batchTitle(batch)}</Link>
          </h2>
          <StateBadge {...stateWords(batch)} />
        </div>
        <ProgressBar counts={counts} />
        <p class="facts">
          <span>{count(counts.total, "portrait")}</span>
          {counts.failed > 0 ? <span class="bad">{counts.failed.toLocaleString("en")} failed</span> : null}
          <span>{costText(batch)}</span>
          {batch.secondsLeft === null || isEnded(batch) ? null : <span>{timeLeft(batch.secondsLeft)}</span>}
          <span>{moment(batch.createdAt)}</span>
        </p>
        {wait === undefined || isEnded(batch) ? null : <p class="wait">{wait}</p>}
      </article>
    </li>
  );
}

function costText({ costUsd, maxCostUsd, lane }: BatchStatus): string {
  const spent = shownUsd(costUsd, lane);
  return maxCostUsd === null ? spent : `${spent} of at most ${usdText(maxCostUsd)}`;
}

function NoBatches({ onFilled }: { readonly onFilled: () => void }) {
  return (
    <section class="empty">
      <h1>No batches yet</h1>
      {may("submit") ? (
        <p>
          <Link to="/new" class="button main">
            New batch
          </Link>
        </p>
      ) : null}
      {may("submit") && isSimulated() ? <SampleButton onDone={onFilled} /> : null}
      <p>
        Or submit one with <code>./darkroom enhance FOLDER FOLDER</code> or through the <a href="/docs">API</a>.
      </p>
    </section>
  );
}
