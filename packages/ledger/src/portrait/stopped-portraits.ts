import { createHash } from "node:crypto";
import {
  MICRO,
  type OutcomeCode,
  type OutcomeLine,
  type Receipt,
  lostResultOf,
  parseReceipt,
  sessionId,
  stoppedOutcome,
  utcDay,
  withNotes,
} from "@darkroom/core";
import { serverNow } from "@darkroom/redis-kit";
import type { RunScript } from "../scripts/run-script.ts";
import type { BatchRecord } from "../batch/batch-record.ts";
import { type LostResults } from "./lost-results.ts";
import { endStopped } from "../scripts/portrait-scripts.ts";

/** A waiting portrait of a stopped batch that has a provider call. */
export interface SeenPortrait {
  readonly index: number;
  readonly receipt: Receipt;
  /** The receipt as read. If it has changed by the write, another process ends the portrait. */
  readonly text: string;
}

/** Reads fields of the receipts' hash, null for missing ones. */
type ReadReceipts = (batchId: string, fields: readonly string[]) => Promise<readonly (string | null)[]>;

/** Ends waiting portraits of a stopped batch with a provider call, without contacting the provider. */
export class StoppedPortraits {
  readonly #run: RunScript;
  readonly #receipts: ReadReceipts;
  readonly #lostResults: Pick<LostResults, "keep">;

  constructor(run: RunScript, receipts: ReadReceipts, lostResults: Pick<LostResults, "keep">) {
    this.#run = run;
    this.#receipts = receipts;
    this.#lostResults = lostResults;
  }

  /** Returns those of the given portraits that have a provider call and must not continue. */
  async seen(
    { spec, endsRunning }: Pick<BatchRecord, "spec" | "endsRunning">,
    indexes: readonly number[],
  ): Promise<readonly SeenPortrait[]> {
    if (indexes.length === 0) return [];
    const found = await this.#receipts(
      spec.id,
      indexes.flatMap((index) => [String(index), `${index}:givenUp`]),
    );
    return indexes.flatMap((index, place) => {
      const [text, givenUp] = found.slice(2 * place);
      if (text == null) return [];
      const receipt = parseReceipt(text);
      const ends = receipt.firstIntentAt !== undefined && (endsRunning || givenUp != null);
      return ends ? [{ index, receipt, text }] : [];
    });
  }

  /**
   * Ends the portraits by their receipts. Skips a portrait that a worker has claimed in the meantime.
   *
   * @param code the stopped batch's code
   * @param ownLane the batch's own lane; if omitted, no paid pictures are recorded for a retry
   * @returns the number of portraits ended
   */
  async end(batchId: string, portraits: readonly SeenPortrait[], code: OutcomeCode, ownLane?: string): Promise<number> {
    if (portraits.length === 0) return 0;
    const at = serverNow();
    for (const { index, receipt } of portraits) {
      const { lane = ownLane } = receipt;
      const lost = lane === undefined ? undefined : lostResultOf(stoppedOutcome(receipt, code).code, receipt, lane);
      if (lost !== undefined) await this.#lostResults.keep(batchId, index, lost);
    }
    const micro = (usd: number | null | undefined): number => Math.round((usd ?? 0) * MICRO);
    const rows = portraits.map(({ index, receipt, text }) => {
      const lane = receipt.lane === undefined ? {} : { lane: receipt.lane };
      const line: OutcomeLine = { index, at, ...withNotes(stoppedOutcome(receipt, code), receipt), ...lane };
      return {
        i: index,
        receiptSha1: createHash("sha1").update(text).digest("hex"),
        code: line.code,
        line: JSON.stringify(line),
        billed: line.billed,
        lane: receipt.lane ?? "",
        cost: micro(line.costUsd),
        lost: micro(line.lostUsd),
        maybe: micro(line.maybeUsd),
      };
    });
    return (await this.#run(endStopped, batchId, { day: utcDay(at) }, rows)) as number;
  }
}

/** Returns every session that a provider may have for a portrait. */
export function sessionsOf(batchId: string, { round, session, order, firstIntentAt }: Receipt): string[] {
  if (order === undefined || firstIntentAt === undefined) return [];
  return Array.from({ length: session.generation + 1 }, (_, each) => sessionId(batchId, order.identity, each, round));
}
