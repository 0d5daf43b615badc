import { setTimeout as sleep } from "node:timers/promises";
import { isDarkroomError, isEnded, leftOutText, protocolMs, type BatchStatus } from "@darkroom/core";
import type { DarkroomClient } from "../api/client.ts";
import type { WatchEvent } from "../api/event-reader.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { failureReasons, reasonsText } from "../text/failure-reasons.ts";
import { PortraitTroubles } from "./portrait-troubles.ts";
import type { ProgressView } from "./progress-view.ts";
import { waitsForPerson } from "./waits-for-person.ts";

export interface WatchOptions {
  readonly client: DarkroomClient;
  readonly batchId: string;
  readonly view: ProgressView;
  readonly signal: AbortSignal;
  /** Called with all events, including those that the view does not show. */
  readonly onEvent?: (event: WatchEvent) => void;
  /** Returns true if the caller must act on the batch's state, which ends the watch. */
  readonly until?: (status: BatchStatus) => boolean | Promise<boolean>;
  /** How long the API may be unreachable, in ms. Defaults to {@link AWAY_MS}. */
  readonly awayMs?: number;
  /** True once the process that serves the API has ended. */
  readonly isOver?: () => Promise<boolean>;
  /** How long an API whose process has ended may be unreachable, in ms. Defaults to {@link RESTART_MS}. */
  readonly restartMs?: number;
}

/** The API is unreachable, and the process that served it has ended. */
export class ApiOver extends Error {
  override readonly name = "ApiOver";
}

/** The watch gives up when the API is unreachable for longer. The API may be restarted in the meantime. */
const AWAY_MS = 60_000;
/** Within this time, a supervisor restarts a stack that ended. */
const RESTART_MS = protocolMs(5_000);
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;

/**
 * Watches a batch until it ends or needs a user, across lost connections.
 *
 * @throws the signal's reason; CommandError with exit code 5 when the API stays unreachable; {@link ApiOver}
 *   when its process has also ended; errors returned by the API
 */
export async function watchBatch(options: WatchOptions): Promise<BatchStatus> {
  const { client, batchId, view, signal, awayMs = AWAY_MS, restartMs = RESTART_MS } = options;
  const troubles = new PortraitTroubles((index) => nameOf(client, batchId, index));
  let waitMs = FIRST_WAIT_MS;
  let awaySince: number | undefined;
  for (;;) {
    let failure: unknown;
    try {
      for await (const event of client.events(batchId, signal)) {
        if (awaySince !== undefined) view.note("Connected again.");
        awaySince = undefined;
        waitMs = FIRST_WAIT_MS;
        options.onEvent?.(event);
        tellLeftOut(event, view);
        await tellBadRows(event, client, view);
        if (event.type === "batch" && (await options.until?.(event.status)) === true) return event.status;
        const trouble = await troubles.lineOf(event);
        if (trouble !== undefined) view.trouble(trouble);
        const still = take(event, view);
        if (still === null) return await client.status(batchId);
        if (still !== undefined) return still;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!isPassing(error)) throw error;
      failure = error;
    }
    signal.throwIfAborted();
    const now = performance.now();
    if (failure !== undefined) {
      if (awaySince === undefined) view.note("The connection to the API is lost; trying again…");
      awaySince ??= now;
      const isOver = (await options.isOver?.()) === true;
      if (isOver && now - awaySince > restartMs) throw new ApiOver("The API has ended.", { cause: failure });
      if (now - awaySince > awayMs) throw failure;
    }
    await sleep(waitMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
  }
}

/** Views that have already shown the files that the source's listing left out. */
const told = new WeakSet<ProgressView>();

function tellLeftOut(event: WatchEvent, view: ProgressView): void {
  if (event.type !== "batch" || !event.status.ingested || event.status.leftOut.length === 0 || told.has(view)) return;
  told.add(view);
  view.note(`Left out of the source: ${leftOutText(event.status.leftOut)}.`);
}

const toldRows = new WeakSet<ProgressView>();

/** Bad rows end during ingest, before the watch begins, so no event reports them. */
async function tellBadRows(event: WatchEvent, client: DarkroomClient, view: ProgressView): Promise<void> {
  if (event.type !== "batch" || !event.status.ingested || toldRows.has(view)) return;
  const { id, failures } = event.status;
  const count = failures["invalid_row"] ?? 0;
  if (count === 0) return;
  toldRows.add(view);
  const portraits = await client.firstPortraits(id, "failed").catch(() => []);
  const reasons = failureReasons(portraits).get("invalid_row");
  if (reasons === undefined) return;
  view.note(
    `${count === 1 ? "1 portrait cannot" : `${count} portraits cannot`} be made (invalid_row): ${reasonsText(reasons, count)}.`,
  );
}

/** Returns the portrait's manifest id or file name, or its index if the API does not know either. */
async function nameOf(client: DarkroomClient, batchId: string, index: number): Promise<string> {
  const portrait = await client.portrait(batchId, index).catch(() => undefined);
  return portrait?.id ?? portrait?.source ?? `portrait ${index}`;
}

/** Returns the final state if the watch ends; null if only the batch's id is known; undefined to continue. */
function take(event: WatchEvent, view: ProgressView): BatchStatus | null | undefined {
  switch (event.type) {
    case "batch":
      view.batch(event.status);
      return waitsForPerson(event.status) ? event.status : undefined;
    case "batch-end":
      if (event.status === null || !isEnded(event.status.state)) return null;
      view.batch(event.status);
      return event.status;
    case "batch-diverted":
      view.note(`The lane stays blocked: ${event.lane} does the work from now on.`);
      return undefined;
    // The batch's own state arrives at the same time and contains this.
    case "lane-blocked":
    case "lane-unblocked":
    case "destination-blocked":
    case "destination-unblocked":
    case "portrait-start":
    case "portrait-progress":
    case "portrait-retry":
    case "portrait-end":
      return undefined;
  }
  return event satisfies never;
}

/** True for a broken stream or a restarting API, false for errors returned by the API. */
function isPassing(error: unknown): boolean {
  if (error instanceof CommandError) return error.exitCode === EXIT.unreachable;
  return isDarkroomError(error) ? error.retryable : true;
}
