import {
  type Deaths,
  type OutcomeLine,
  PORTRAIT_STATES,
  type PortraitState,
  type Receipt,
  parseReceipt,
} from "@darkroom/core";
import type { RedisConnection } from "@darkroom/redis-kit";
import type { BatchRecord } from "../batch/batch-record.ts";
import { batchLedgerKeys } from "../keys.ts";

/** Reads single portraits. Changes nothing. */
export class PortraitReads {
  readonly #redis: RedisConnection;
  readonly #namespace: string;

  constructor(redis: RedisConnection, namespace: string) {
    this.#redis = redis;
    this.#namespace = namespace;
  }

  /**
   * Reads the states of portraits `start` … `start + length - 1` from the bitfield. `start` must be even. In a
   * cancelled batch, pending portraits still read as `pending`; see {@link BatchRecord.cancelled}.
   */
  async states(batchId: string, start: number, length: number): Promise<readonly PortraitState[]> {
    const { states } = batchLedgerKeys(this.#namespace, batchId);
    const bytes = await this.#redis.getrangeBuffer(states, start / 2, Math.floor((start + length - 1) / 2));
    return Array.from({ length }, (_, offset) => {
      const byte = bytes[offset >> 1] ?? 0;
      return PORTRAIT_STATES[offset % 2 === 0 ? byte >> 4 : byte & 15] ?? "pending";
    });
  }

  /** Returns the states of the first `total` portraits as the bitfield itself, 4 bits each, without trailing zero bytes. */
  async stateMap(batchId: string, total: number): Promise<Buffer> {
    if (total === 0) return Buffer.alloc(0);
    const { states } = batchLedgerKeys(this.#namespace, batchId);
    return await this.#redis.getrangeBuffer(states, 0, Math.floor((total - 1) / 2));
  }

  /** Returns those of `length` portraits from `start` (an even index) that are in one of these states. */
  async indexesIn(
    batchId: string,
    start: number,
    length: number,
    wanted: readonly PortraitState[],
  ): Promise<readonly number[]> {
    const { states } = batchLedgerKeys(this.#namespace, batchId);
    const bytes = await this.#redis.getrangeBuffer(states, start / 2, Math.floor((start + length - 1) / 2));
    const isWanted = PORTRAIT_STATES.map((state) => wanted.includes(state));
    const found: number[] = [];
    bytes.forEach((byte, place) => {
      const index = start + place * 2;
      if (isWanted[byte >> 4] === true) found.push(index);
      if (isWanted[byte & 15] === true && index + 1 < start + length) found.push(index + 1);
    });
    return found;
  }

  async state(batchId: string, index: number): Promise<PortraitState> {
    const even = index - (index % 2);
    const pair = await this.states(batchId, even, 2);
    return pair[index - even] ?? "pending";
  }

  async claimTokens(batchId: string): Promise<ReadonlyMap<number, string>> {
    const all = await this.#redis.hgetall(batchLedgerKeys(this.#namespace, batchId).claims);
    return new Map(Object.entries(all).map(([index, token]) => [Number(index), token]));
  }

  /** Returns the portraits that have a receipt. */
  async receiptIndexes(batchId: string): Promise<readonly number[]> {
    const fields = await this.#redis.hkeys(batchLedgerKeys(this.#namespace, batchId).receipts);
    return fields.map(Number).filter((index) => !Number.isNaN(index));
  }

  /** Counts the portraits in flight. Their provider was called, and they have not ended. */
  async inFlightCount(batchId: string): Promise<number> {
    const fields = await this.#redis.hgetall(batchLedgerKeys(this.#namespace, batchId).receipts);
    const receipts = Object.entries(fields).filter(([field]) => !field.includes(":"));
    return receipts.filter(([, text]) => parseReceipt(text).firstIntentAt !== undefined).length;
  }

  /** Groups these portraits by the lane of their job. */
  async byLane(
    { spec, lane, divertedAt }: Pick<BatchRecord, "spec" | "lane" | "divertedAt">,
    indexes: readonly number[],
  ): Promise<ReadonlyMap<string, readonly number[]>> {
    if (divertedAt === undefined || indexes.length === 0) return new Map([[lane, indexes]]);
    const { receipts } = batchLedgerKeys(this.#namespace, spec.id);
    const texts = await this.#redis.hmget(receipts, ...indexes.map(String));
    return Map.groupBy(indexes, (_, place) => {
      const receipt = parseReceipt(texts[place] ?? "");
      return receipt.firstIntentAt === undefined ? lane : (receipt.lane ?? spec.lane);
    });
  }

  /** Returns how often a process died while processing the portrait. */
  async deaths(batchId: string, index: number): Promise<Deaths> {
    const { deaths } = batchLedgerKeys(this.#namespace, batchId);
    const [all, alone] = await this.#redis.hmget(deaths, String(index), `${index}:alone`);
    return { all: Number(all ?? 0), alone: Number(alone ?? 0) };
  }

  async receipt(batchId: string, index: number): Promise<Receipt | undefined> {
    const text = await this.#redis.hget(batchLedgerKeys(this.#namespace, batchId).receipts, String(index));
    return text === null ? undefined : parseReceipt(text);
  }

  /** Returns the outcome lines of failed and cancelled portraits and kept results, if they are among the first 10,000 of the batch. */
  async details(batchId: string, indexes: readonly number[]): Promise<ReadonlyMap<number, OutcomeLine>> {
    if (indexes.length === 0) return new Map();
    const { details } = batchLedgerKeys(this.#namespace, batchId);
    const lines = await this.#redis.hmget(details, ...indexes.map(String));
    return new Map(
      lines.flatMap((line) => {
        if (line === null) return [];
        const parsed = JSON.parse(line) as OutcomeLine;
        return [[parsed.index, parsed] as const];
      }),
    );
  }
}
