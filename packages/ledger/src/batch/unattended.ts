import { lacking, type BatchState, type Lack, type Unattended } from "@darkroom/core";
import type { Attended, Post } from "../liveness/staffing.ts";
import type { BatchRecord } from "./batch-record.ts";

/** States in which a batch needs a producer. A batch that waits for its user needs none. */
const PRODUCED: readonly BatchState[] = ["ingesting", "running", "finishing"];

/** Looks up the processes at a post. A sufficient answer may come from a cache up to one second old. */
export type LookAt = (post: Post, isEnough: (found: Attended) => boolean) => Promise<Attended>;

type Whom = Unattended["missing"][number];

/**
 * Determines which processes a batch lacks: no producer or worker is present, or none supports the batch.
 *
 * @returns undefined when such processes are present, or when the batch needs none
 * @param lane the lane that the batch uses now
 */
export async function unattended(
  { spec, state, counts, ingested }: BatchRecord,
  lane: string,
  at: LookAt,
): Promise<Unattended | undefined> {
  const needed: Whom[] = [];
  // Portraits in flight must end even while the batch waits for its user.
  const isRunning = counts.running > 0;
  if (PRODUCED.includes(state) || isRunning) needed.push("producer");
  const toDo = !ingested || counts.pending + counts.queued + counts.retrying > 0;
  if (isRunning || (state !== "finishing" && PRODUCED.includes(state) && toDo)) needed.push("worker");
  const found = await Promise.all(
    needed.map(async (whom) => {
      const fewest = ({ means }: Attended): readonly Lack[] | undefined =>
        means
          .map((each) => lacking(spec, each, whom === "worker" ? lane : undefined))
          .toSorted((one, other) => one.length - other.length)[0];
      const post = await at(whom === "worker" ? `worker:${lane}` : whom, (known) => fewest(known)?.length === 0);
      return { whom, lacks: fewest(post), lastSeenAt: post.lastSeenAt };
    }),
  );
  const missing = found.filter(({ lacks }) => lacks?.length !== 0);
  if (missing.length === 0) return undefined;
  const absent = missing.filter(({ lacks }) => lacks === undefined);
  const seen = absent.flatMap(({ lastSeenAt }) => lastSeenAt ?? []);
  const lacks = missing.flatMap(({ lacks: own = [] }) => own);
  const words = [...absentText(absent, lane), ...lackingText(missing, lacks)];
  return {
    missing: missing.map(({ whom }) => whom),
    lacks: distinct(lacks),
    since: seen.length === 0 ? null : new Date(Math.max(...seen)).toISOString(),
    message: words.join("; "),
  };
}

function distinct(lacks: readonly Lack[]): readonly string[] {
  return [...new Set(lacks.map(({ what }) => what))];
}

interface Missing {
  readonly whom: Whom;
  readonly lacks: readonly Lack[] | undefined;
}

function absentText(absent: readonly Missing[], lane: string): readonly string[] {
  if (absent.length === 2) return [`there is no producer, and no worker for its lane ${lane}`];
  return absent.map(({ whom }) =>
    whom === "producer" ? "there is no producer" : `there is no worker for its lane ${lane}`,
  );
}

function lackingText(missing: readonly Missing[], lacks: readonly Lack[]): readonly string[] {
  if (lacks.length === 0) return [];
  if (lacks.every(({ kind }) => kind === "asked")) return ["the commands that run here were not asked to work on it"];
  const short = missing.filter(({ lacks: own = [] }) => own.length > 0);
  const who = short.length === 2 ? "no producer and no worker here" : `no ${short[0]?.whom} here`;
  return [`${who} has what it needs: ${distinct(lacks).join(", and ")}`];
}
