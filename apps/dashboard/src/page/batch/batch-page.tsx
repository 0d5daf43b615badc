import { useEffect, useState } from "preact/hooks";
import { ApiError, getJson } from "../api/client.ts";
import { watchBatch, type LiveBatch } from "../api/live-batch.ts";
import type { BatchStatus } from "../api/types.ts";
import { batchTitle } from "../text/batch-words.ts";
import { Sheet } from "../sheet/sheet.tsx";
import { LinksButton } from "../link/links-button.tsx";
import { BatchHead } from "./batch-head.tsx";
import { DeliverButton } from "./deliver-button.tsx";
import { Downloads } from "./downloads.tsx";

/** Shows one batch: its status, the possible orders, and its contact sheet. */
export function BatchPage({ id }: { readonly id: string }) {
  const [live, setLive] = useState<LiveBatch | undefined>(undefined);
  const [fault, setFault] = useState<string | undefined>(undefined);
  useEffect(() => {
    const abort = new AbortController();
    let watching: LiveBatch | undefined;
    const start = async (): Promise<void> => {
      try {
        const first = await getJson<BatchStatus>(`/v1/batches/${encodeURIComponent(id)}`, abort.signal);
        watching = watchBatch(first);
        setLive(watching);
      } catch (error) {
        if (!abort.signal.aborted) setFault(error instanceof ApiError ? error.message : String(error));
      }
    };
    void start();
    return () => {
      abort.abort();
      watching?.stop();
    };
  }, [id]);
  if (fault !== undefined) return <p class="note bad">{fault}</p>;
  if (live === undefined) return <p class="note">Loading…</p>;
  return <LoadedBatch live={live} />;
}

function LoadedBatch({ live }: { readonly live: LiveBatch }) {
  const status = live.status.value;
  const title = batchTitle(status);
  useEffect(() => {
    document.title = `${title} · Darkroom`;
    return () => void (document.title = "Darkroom");
  }, [title]);
  return (
    <>
      <BatchHead status={status} connected={live.connected.value} onChange={live.set} />
      <Downloads status={status} />
      <div class="actions">
        <DeliverButton status={status} />
        <LinksButton batchId={status.id} />
      </div>
      <Sheet live={live} />
    </>
  );
}
