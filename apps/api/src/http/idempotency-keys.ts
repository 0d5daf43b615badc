import { randomUUID } from "node:crypto";
import { DarkroomError, DEFAULT_TENANT, sha256 } from "@darkroom/core";
import type { Ledger } from "@darkroom/ledger";
import { defineScript, serverNow, type RedisConnection } from "@darkroom/redis-kit";

/** How long a key refers to its batch. */
const KEEP_KEY_MS = 24 * 3_600_000;
/** An active submission renews its key within this time. After this time, the key of a crashed server is free. */
const PENDING_MS = 60_000;
/** Delay suggested to a concurrent duplicate. */
const RETRY_AFTER_MS = 2_000;

/**
 * KEYS key · ARGV expected value ('' for none), new value ('' to delete), ttl ms · returns false on success, otherwise
 * the current value. The new value is already set if an earlier attempt succeeded and only its reply was lost.
 */
const swap = defineScript(`
local now = redis.call('GET', KEYS[1]) or ''
if now == ARGV[2] and now ~= ARGV[1] then return false end
if now ~= ARGV[1] then return now end
if ARGV[2] == '' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
return false`);

/** The value of an `Idempotency-Key`: a pending submission, or its batch. */
type Entry =
  | { readonly kind: "pending"; readonly token: string; readonly digest: string }
  | {
      readonly kind: "batch";
      readonly id: string;
      readonly digest: string;
      readonly notedAt: number;
      /** Digest of the manifest uploaded with the submission. */
      readonly manifest?: string | undefined;
    };

export type Taken =
  | { readonly kind: "known"; readonly batchId: string; readonly manifest: string | undefined }
  | { readonly kind: "held"; readonly held: HeldKey };

/**
 * Stores `Idempotency-Key`s of submissions as `ns:idempotency:<sha256 of tenant and key>`. A submission takes the key
 * first and records the batch's id just before it creates the batch. After a crash, a repeated request therefore finds
 * the batch, or may create the batch once.
 */
export class IdempotencyKeys {
  readonly #redis: RedisConnection;
  readonly #namespace: string;

  constructor(redis: RedisConnection, namespace: string) {
    this.#redis = redis;
    this.#namespace = namespace;
  }

  /**
   * Takes a key for a submission, or finds its batch.
   *
   * @param submission canonical text; a key that was used with a different text is refused
   * @param tenant owner of the submission; tenants share no keys
   * @throws DarkroomError `conflict`, retryable while another request holds the key
   */
  async take(key: string, submission: string, ledger: Ledger, tenant = DEFAULT_TENANT): Promise<Taken> {
    const owned = tenant === DEFAULT_TENANT ? key : `${tenant}\n${key}`;
    const redisKey = `${this.#namespace}:idempotency:${sha256(owned)}`;
    const digest = sha256(submission);
    const pending = JSON.stringify({ kind: "pending", token: randomUUID(), digest } satisfies Entry);
    const found = await this.#swap(redisKey, "", pending, PENDING_MS);
    if (found === undefined) return { kind: "held", held: this.#hold(redisKey, pending, digest) };
    const entry = JSON.parse(found) as Entry;
    if (entry.digest !== digest) throw otherSubmission();
    if (entry.kind === "batch") {
      const { id: batchId, manifest } = entry;
      if ((await ledger.read(batchId)) !== undefined) return { kind: "known", batchId, manifest };
      // The key has a batch id but no batch. Unless the id was recorded just now, its server died or stalled.
      if (serverNow() - entry.notedAt > PENDING_MS) {
        if (!(await ledger.forbid(batchId))) return { kind: "known", batchId, manifest };
        if ((await this.#swap(redisKey, found, pending, PENDING_MS)) === undefined) {
          return { kind: "held", held: this.#hold(redisKey, pending, digest) };
        }
      }
    }
    throw new DarkroomError(
      "conflict",
      "A request with this Idempotency-Key is being accepted right now. Send it again in a few seconds to get its batch.",
      { field: "Idempotency-Key", retryable: true, retryAfterMs: RETRY_AFTER_MS },
    );
  }

  #hold(redisKey: string, pending: string, digest: string): HeldKey {
    const swapValue: SwapValue = (from, to, ttlMs) => this.#swap(redisKey, from, to, ttlMs);
    return new HeldKey(swapValue, pending, digest);
  }

  async #swap(redisKey: string, from: string, to: string, ttlMs: number): Promise<string | undefined> {
    const reply = await swap.run(this.#redis, [redisKey], [from, to, ttlMs]);
    return typeof reply === "string" ? reply : undefined;
  }
}

/** The error for a key that belongs to another submission or manifest. */
export function otherSubmission(): DarkroomError {
  return new DarkroomError(
    "conflict",
    "This Idempotency-Key was used for another submission. Use a new key for a new submission.",
    { field: "Idempotency-Key" },
  );
}

type SwapValue = (from: string, to: string, ttlMs: number) => Promise<string | undefined>;

/** A key that one request holds while its submission is being accepted. */
export class HeldKey {
  readonly #swap: SwapValue;
  readonly #digest: string;
  readonly #renewal: NodeJS.Timeout;
  #value: string;
  #batchId: string | undefined;

  constructor(swap: SwapValue, value: string, digest: string) {
    this.#swap = swap;
    this.#value = value;
    this.#digest = digest;
    this.#renewal = setInterval(() => {
      swap(this.#value, this.#value, PENDING_MS).catch(() => undefined);
    }, PENDING_MS / 3);
    this.#renewal.unref();
  }

  /** The batch id recorded for the key. */
  get batchId(): string | undefined {
    return this.#batchId;
  }

  /**
   * Records the batch's id just before the batch is created.
   *
   * @param manifest digest of the uploaded manifest
   */
  async note(batchId: string, manifest?: string): Promise<void> {
    this.keep();
    const entry: Entry = { kind: "batch", id: batchId, digest: this.#digest, notedAt: serverNow(), manifest };
    const text = JSON.stringify(entry);
    if ((await this.#swap(this.#value, text, KEEP_KEY_MS)) !== undefined) {
      throw new DarkroomError("conflict", "Another request took over this Idempotency-Key. Send it again.", {
        field: "Idempotency-Key",
        retryable: true,
        retryAfterMs: RETRY_AFTER_MS,
      });
    }
    this.#value = text;
    this.#batchId = batchId;
  }

  /** Keeps the key. */
  keep(): void {
    clearInterval(this.#renewal);
  }

  /** Frees the key of a refused submission. */
  async free(): Promise<void> {
    this.keep();
    await this.#swap(this.#value, "", 1);
  }
}
