import { randomUUID } from "node:crypto";
import { DarkroomError, DEFAULT_TENANT, sha256 } from "@darkroom/core";
import type { Ledger } from "@darkroom/ledger";
import { serverNow, type RedisConnection } from "@darkroom/redis-kit";
import type { Entry, KeptAnswer } from "./entry.ts";
import { HeldRequest } from "./held-request.ts";
import { KEEP_KEY_MS, PENDING_MS, RETRY_AFTER_MS, swapAt, type SwapValue } from "./swap-value.ts";

export type Taken =
  | { readonly kind: "known"; readonly batchId: string; readonly manifest: string | undefined }
  | { readonly kind: "held"; readonly held: HeldKey };

/** A request with an `Idempotency-Key`. */
interface KeyedRequest {
  readonly key: string;
  /** Identifies the request. */
  readonly digest: string;
  /** Tenants share no keys. */
  readonly tenant: string;
  /** True if the request may be carried out again after its server has died. */
  readonly isRepeatable: boolean;
}

export type Begun =
  | { readonly kind: "answered"; readonly answer: KeptAnswer }
  | { readonly kind: "held"; readonly held: HeldRequest };

/**
 * Stores `Idempotency-Key`s as `ns:idempotency:<sha256 of tenant and key>`, for all routes.
 *
 * A submission claims the key first and records the batch's id just before it creates the batch. After a crash, a
 * repeated request therefore finds the batch, or may create it once. Any other request claims the key, and stores its
 * response there when it ends.
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
    const swap = this.#at(key, tenant);
    const digest = sha256(submission);
    const pending = JSON.stringify({ kind: "pending", token: randomUUID(), digest } satisfies Entry);
    const found = await swap("", pending, PENDING_MS);
    if (found === undefined) return { kind: "held", held: new HeldKey(swap, pending, digest) };
    const entry = JSON.parse(found) as Entry;
    if (entry.digest !== digest) throw keyReused();
    if (entry.kind === "batch") {
      const { id: batchId, manifest } = entry;
      if ((await ledger.read(batchId)) !== undefined) return { kind: "known", batchId, manifest };
      // The key has a batch id but no batch. Unless the id was recorded just now, its server died or stalled.
      if (serverNow() - entry.notedAt > PENDING_MS) {
        if (!(await ledger.forbid(batchId))) return { kind: "known", batchId, manifest };
        if ((await swap(found, pending, PENDING_MS)) === undefined) {
          return { kind: "held", held: new HeldKey(swap, pending, digest) };
        }
      }
    }
    throw new DarkroomError(
      "conflict",
      "A request with this Idempotency-Key is being accepted right now. Send it again in a few seconds to get its batch.",
      { field: "Idempotency-Key", retryable: true, retryAfterMs: RETRY_AFTER_MS },
    );
  }

  /**
   * Takes a key for a request, or finds the answer of the request that had it.
   *
   * @throws DarkroomError `idempotency_key_reused`; `conflict`, retryable while the first request runs, and final if its
   *   server died and the request must not be carried out twice
   */
  async begin({ key, digest, tenant, isRepeatable }: KeyedRequest): Promise<Begun> {
    const swap = this.#at(key, tenant);
    const running = { kind: "running", token: randomUUID(), digest, seenAt: serverNow() } as const;
    const found = await swap("", JSON.stringify(running), KEEP_KEY_MS);
    if (found === undefined) return { kind: "held", held: new HeldRequest(swap, running, serverNow) };
    const entry = JSON.parse(found) as Entry;
    if (entry.digest !== digest) throw keyReused();
    if (entry.kind === "answered") return { kind: "answered", answer: entry.answer };
    const isDead = entry.kind === "running" && serverNow() - entry.seenAt > PENDING_MS;
    if (isDead && !isRepeatable) throw endUnknown();
    if (isDead && (await swap(found, JSON.stringify(running), KEEP_KEY_MS)) === undefined) {
      return { kind: "held", held: new HeldRequest(swap, running, serverNow) };
    }
    throw new DarkroomError(
      "conflict",
      "The first request with this Idempotency-Key is still running. Send it again in a few seconds to get its answer.",
      { field: "Idempotency-Key", retryable: true, retryAfterMs: RETRY_AFTER_MS },
    );
  }

  #at(key: string, tenant: string): SwapValue {
    const owned = tenant === DEFAULT_TENANT ? key : `${tenant}\n${key}`;
    return swapAt(this.#redis, `${this.#namespace}:idempotency:${sha256(owned)}`);
  }
}

/** The error for a key that belongs to another request or manifest. */
export function keyReused(): DarkroomError {
  return new DarkroomError(
    "idempotency_key_reused",
    "This Idempotency-Key was used for another request. Use a new key for a new request.",
    { field: "Idempotency-Key" },
  );
}

function endUnknown(): DarkroomError {
  return new DarkroomError(
    "conflict",
    "The server that carried out the first request with this Idempotency-Key stopped, so its end is not known. Look whether it was carried out; if not, send it with a new key.",
    { field: "Idempotency-Key" },
  );
}

/** A key that one request holds while its submission is being accepted. */
class HeldKey {
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
