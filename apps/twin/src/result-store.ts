import { randomUUID } from "node:crypto";
import type { Bill } from "./billing-ledger.ts";

export interface StoredResult {
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly portrait: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  /** Required in the link if the link is signed. */
  readonly signature?: string;
  /** Duration of the download, if slowed down. */
  readonly downloadMs?: number;
  bill?: Bill;
}

export interface ResultStoreLimits {
  readonly maxBytes: number;
  /** How long a result can be fetched. */
  readonly ttlMs: number;
}

/**
 * Keeps results in memory, like the provider's CDN. Evicts the least recently used results first. Counts a buffer that
 * several results share once.
 */
export class ResultStore {
  readonly #limits: ResultStoreLimits;
  readonly #results = new Map<string, StoredResult>();
  readonly #uses = new Map<Buffer, number>();
  #bytes = 0;

  constructor(limits: ResultStoreLimits) {
    this.#limits = limits;
  }

  /** Memory in use, in bytes. */
  get sizeBytes(): number {
    return this.#bytes;
  }

  /** Returns a unique name for a result. */
  static newName(extension: string): string {
    return `${randomUUID().replaceAll("-", "")}.${extension}`;
  }

  /** @param expiresAt epoch milliseconds. Defaults to the configured lifetime */
  put(
    name: string,
    result: Omit<StoredResult, "expiresAt">,
    expiresAt = Date.now() + this.#limits.ttlMs,
  ): StoredResult {
    const stored = { ...result, expiresAt };
    this.#results.set(name, stored);
    const uses = this.#uses.get(result.bytes) ?? 0;
    this.#uses.set(result.bytes, uses + 1);
    if (uses === 0) this.#bytes += result.bytes.length;
    for (const oldest of this.#results.keys()) {
      if (this.#bytes <= this.#limits.maxBytes || oldest === name) break;
      this.#drop(oldest);
    }
    return stored;
  }

  get(name: string): StoredResult | undefined {
    const result = this.#results.get(name);
    if (result === undefined) return undefined;
    this.#results.delete(name);
    this.#results.set(name, result);
    if (Date.now() < result.expiresAt) return result;
    this.#drop(name);
    return undefined;
  }

  #drop(name: string): void {
    const result = this.#results.get(name);
    if (result === undefined) return;
    this.#results.delete(name);
    const uses = (this.#uses.get(result.bytes) ?? 1) - 1;
    if (uses > 0) {
      this.#uses.set(result.bytes, uses);
      return;
    }
    this.#uses.delete(result.bytes);
    this.#bytes -= result.bytes.length;
  }
}
