import type { BatchState, Unattended } from "@darkroom/core";
import type { Attended, BatchRecord, Post } from "@darkroom/ledger";

/** States in which a producer has something to do for a batch. Those that wait for a person go on by nobody. */
const PRODUCED: readonly BatchState[] = ["ingesting", "running", "finishing"];

/**
 * What keeps a batch from going on: nobody is there to do it. Undefined where somebody is, or nobody needs to be.
 *
 * @param lane the one that does the batch's work at present
 */
export async function unattended(
  { state, counts, ingested }: BatchRecord,
  lane: string,
  at: (post: Post) => Promise<Attended>,
): Promise<Unattended | undefined> {
  const needed: Unattended["missing"][number][] = [];
  if (PRODUCED.includes(state)) needed.push("producer");
  const toDo = !ingested || counts.pending + counts.queued + counts.running + counts.retrying > 0;
  if (state !== "finishing" && PRODUCED.includes(state) && toDo) needed.push("worker");
  const found = await Promise.all(
    needed.map(async (who) => ({ who, ...(await at(who === "worker" ? `worker:${lane}` : who)) })),
  );
  const missing = found.filter(({ present }) => present === 0);
  if (missing.length === 0) return undefined;
  const seen = missing.flatMap(({ lastSeenAt }) => lastSeenAt ?? []);
  const whom = missing.map(({ who }) => who);
  return {
    missing: whom,
    since: seen.length === 0 ? null : new Date(Math.max(...seen)).toISOString(),
    message: MESSAGES[whom.length === 2 ? "both" : (whom[0] ?? "both")](lane),
  };
}

const MESSAGES = {
  producer: () => "no producer runs",
  worker: (lane: string) => `no worker serves its lane ${lane}`,
  both: (lane: string) => `neither a producer runs, nor a worker that serves its lane ${lane}`,
} as const satisfies Record<string, (lane: string) => string>;
