import { protocolMs } from "@darkroom/core";
import { batchBlock, unattended, waitedLane, type BatchRecord } from "@darkroom/ledger";
import type { ProducerContext } from "../context.ts";

/** Interval between two checks of a batch. */
const CHECK_MS = protocolMs(2_000);
/** Minimum time without workers before the batch is reported as unattended, because a deployment replaces workers. */
const ABSENT_MS = protocolMs(20_000);

type ConditionsContext = Pick<ProducerContext, "attendance" | "ledger"> & {
  readonly destinations: Pick<ProducerContext["destinations"], "read">;
  readonly lane: (name: string) => Pick<ReturnType<ProducerContext["lane"]>, "blocked">;
};

/** State of a batch between two checks. Times are on a monotonic clock. */
interface Checked {
  atMs: number;
  absentSinceMs: number | undefined;
}

/**
 * Reports in a batch's feed when the batch becomes blocked or loses its workers, and when that ends. The caller holds
 * the batch's lease, because two producers could otherwise report contradictory states in turn.
 */
export class BatchConditions {
  readonly #context: ConditionsContext;
  readonly #checked = new Map<string, Checked>();

  constructor(context: ConditionsContext) {
    this.#context = context;
  }

  async check(record: BatchRecord, nowMs: number): Promise<void> {
    const { id } = record.spec;
    const checked = this.#checked.get(id) ?? { atMs: -CHECK_MS, absentSinceMs: undefined };
    this.#checked.set(id, checked);
    if (nowMs - checked.atMs < CHECK_MS) return;
    checked.atMs = nowMs;
    await this.#checkBlock(record);
    await this.#checkWorkers(record, checked, nowMs);
  }

  async #checkBlock(record: BatchRecord): Promise<void> {
    const { destinations, lane, ledger } = this.#context;
    const block = batchBlock(record, await lane(waitedLane(record)).blocked(), await destinations.read());
    if (block === undefined) {
      if (record.told.blocked !== undefined) await ledger.conditions.clear(record.spec.id, "blocked");
      return;
    }
    const { what, reason, since, message } = block;
    const cause = `${what} ${reason}`;
    if (record.told.blocked === cause) return;
    await ledger.conditions.note(record.spec.id, "blocked", { cause, data: { what, reason, since, message } });
  }

  async #checkWorkers(record: BatchRecord, checked: Checked, nowMs: number): Promise<void> {
    const { attendance, ledger } = this.#context;
    const found = await unattended(record, waitedLane(record), (post, isEnough) => attendance.at(post, isEnough));
    // This process is itself a producer for the batch.
    if (found?.missing.includes("worker") !== true) {
      checked.absentSinceMs = undefined;
      if (record.told.unattended !== undefined) await ledger.conditions.clear(record.spec.id, "unattended");
      return;
    }
    checked.absentSinceMs ??= nowMs;
    if (record.told.unattended !== undefined || nowMs - checked.absentSinceMs < ABSENT_MS) return;
    const { message } = found;
    await ledger.conditions.note(record.spec.id, "unattended", { cause: "worker", data: { message } });
  }

  /** Forgets a batch that is no longer active. */
  forget(batchId: string): void {
    this.#checked.delete(batchId);
  }
}
