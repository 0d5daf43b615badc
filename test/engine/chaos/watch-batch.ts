import { setTimeout as sleep } from "node:timers/promises";
import { settledCount, type PortraitCounts } from "@darkroom/core";
import type { Engine } from "../kit/engine.ts";

/** Observations of a running batch. */
export interface Watch {
  readonly httpAnswers: number;
  /** Number of polls without a response, for example while Redis was down. */
  readonly httpUnanswered: number;
  readonly ledgerAnswers: number;
  readonly settled: number;
  readonly total: number;
  readonly ended: boolean;
}

export interface Watcher {
  readonly seen: Watch;
  stop(): Promise<void>;
}

const EVERY_MS = 150;
const ANSWER_WITHIN_MS = 5_000;

/** Polls a batch through the status API and the ledger until stopped. Reports every broken promise to `find` (P2). */
export function watchBatch(engine: Engine, batchId: string, find: (finding: string) => void): Watcher {
  const seen = { httpAnswers: 0, httpUnanswered: 0, ledgerAnswers: 0, settled: 0, total: 0, ended: false };
  const stopping = new AbortController();
  const url = `${engine.api.url}/v1/batches/${batchId}`;

  const look = async (read: () => Promise<void>): Promise<void> => {
    while (!stopping.signal.aborted) {
      await read();
      await sleep(EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const http = judge("the status API", find);
  const overHttp = async (): Promise<void> => {
    let response: Response;
    let text: string;
    try {
      response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
      text = await response.text();
    } catch {
      seen.httpUnanswered += 1;
      return;
    }
    if (response.status === 503) seen.httpUnanswered += 1;
    else if (response.status !== 200) find(`the status API answered ${response.status}: ${text.slice(0, 200)}`);
    else {
      http((JSON.parse(text) as { counts: PortraitCounts }).counts);
      seen.httpAnswers += 1;
    }
  };
  const direct = judge("the ledger", find);
  const byLedger = async (): Promise<void> => {
    const record = await engine.ledger.read(batchId);
    if (record === undefined) return find("the ledger does not know the batch");
    direct(record.counts);
    seen.ledgerAnswers += 1;
    seen.settled = settledCount(record.counts);
    seen.total = record.counts.total;
    seen.ended = record.endedAt !== undefined;
  };
  const loops = [look(overHttp), look(byLedger)];
  return {
    seen,
    stop: async () => {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}

function judge(who: string, find: (finding: string) => void): (counts: PortraitCounts) => void {
  let settled = 0;
  return (counts) => {
    const { total, ...states } = counts;
    const sum = Object.values(states).reduce((all, count) => all + count, 0);
    if (sum !== total || Object.values(states).some((count) => count < 0)) {
      find(`${who}: the states add up to ${sum} and not to ${total}: ${JSON.stringify(states)}`);
    }
    const now = settledCount(counts);
    if (now < settled) find(`${who}: ended portraits went from ${settled} to ${now}`);
    settled = now;
  };
}
