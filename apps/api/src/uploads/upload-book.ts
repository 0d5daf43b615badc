import { randomBytes } from "node:crypto";
import { serverNow, type RedisConnection } from "@darkroom/redis-kit";

/** How long photos without a batch are kept. */
const UPLOAD_KEPT_MS = 7 * 24 * 3_600_000;
/** Most files of an upload, counting each replacement. */
export const MAX_FILES = 20_000;
/** Most bytes of an upload, counting each replacement. */
export const MAX_UPLOAD_BYTES = 200 * 1_024 ** 3;

const ID = /^[0-9a-f]{32}$/;

/** Photos that a user uploads through the web page before submitting their batch. */
export interface Upload {
  readonly tenant: string;
  readonly id: string;
}

/**
 * Lists the uploads in Redis:
 *
 * - `ns:{uploads}:open`, a sorted set: `tenant/id` with the time after which photos without a batch are deleted
 * - `ns:{uploads}:batches`, a hash: `tenant/id` → id of the batch made of it
 * - `ns:{uploads}:files`, `ns:{uploads}:bytes`, hashes: `tenant/id` → number and bytes of accepted files
 *
 * Entries are deleted with their photos.
 */
export class UploadBook {
  readonly #redis: RedisConnection;
  readonly #open: string;
  readonly #batches: string;
  readonly #files: string;
  readonly #bytes: string;

  constructor(redis: RedisConnection, namespace: string) {
    this.#redis = redis;
    this.#open = `${namespace}:{uploads}:open`;
    this.#batches = `${namespace}:{uploads}:batches`;
    this.#files = `${namespace}:{uploads}:files`;
    this.#bytes = `${namespace}:{uploads}:bytes`;
  }

  async create(tenant: string): Promise<Upload> {
    const upload = { tenant, id: randomBytes(16).toString("hex") };
    await this.#redis.zadd(this.#open, serverNow() + UPLOAD_KEPT_MS, nameOf(upload));
    return upload;
  }

  /** Returns when the photos expire, in epoch milliseconds; undefined for an unknown or expired upload. */
  async expiresAt(upload: Upload): Promise<number | undefined> {
    if (!ID.test(upload.id)) return undefined;
    const score = Number((await this.#redis.zscore(this.#open, nameOf(upload))) ?? 0);
    return score > serverNow() ? score : undefined;
  }

  /** Keeps the photos for another {@link UPLOAD_KEPT_MS}. Returns false if they are being deleted. */
  async prolong(upload: Upload): Promise<boolean> {
    const name = nameOf(upload);
    await this.#redis.zadd(this.#open, "XX", serverNow() + UPLOAD_KEPT_MS, name);
    return (await this.#redis.zscore(this.#open, name)) !== null;
  }

  /** Counts one more file. Returns false if the upload accepts no more files. */
  async countFile(upload: Upload, sizeBytes: number): Promise<boolean> {
    const name = nameOf(upload);
    const files = await this.#redis.hincrby(this.#files, name, 1);
    const bytes = await this.#redis.hincrby(this.#bytes, name, sizeBytes);
    return files <= MAX_FILES && bytes <= MAX_UPLOAD_BYTES;
  }

  async batchOf(upload: Upload): Promise<string | undefined> {
    return (await this.#redis.hget(this.#batches, nameOf(upload))) ?? undefined;
  }

  async setBatch(upload: Upload, batchId: string): Promise<void> {
    await this.#redis.hset(this.#batches, nameOf(upload), batchId);
  }

  /** Claims one expired upload. No other process gets it. */
  async takeExpired(): Promise<Upload | undefined> {
    const nowMs = serverNow();
    if ((await this.#redis.zcount(this.#open, "-inf", nowMs)) === 0) return undefined;
    const [name, score] = await this.#redis.zpopmin(this.#open);
    if (name === undefined) return undefined;
    if (Number(score) > nowMs) {
      await this.#redis.zadd(this.#open, "NX", Number(score), name);
      return undefined;
    }
    return parseName(name);
  }

  /** Lists an upload again, whose photos could not be deleted or have a batch. */
  async putBack(upload: Upload, forMs: number): Promise<void> {
    await this.#redis.zadd(this.#open, "NX", serverNow() + forMs, nameOf(upload));
  }

  /** Forgets an upload whose photos are deleted. */
  async forget(upload: Upload): Promise<void> {
    const name = nameOf(upload);
    await this.#redis.zrem(this.#open, name);
    await this.#redis.hdel(this.#batches, name);
    await this.#redis.hdel(this.#files, name);
    await this.#redis.hdel(this.#bytes, name);
  }
}

function nameOf({ tenant, id }: Upload): string {
  return `${tenant}/${id}`;
}

/** Parses `tenant/id`; undefined for any other text. */
export function parseName(name: string): Upload | undefined {
  const [tenant = "", id = "", ...rest] = name.split("/");
  return rest.length === 0 && tenant !== "" && ID.test(id) ? { tenant, id } : undefined;
}
