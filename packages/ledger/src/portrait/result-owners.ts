import { isEnded, sha256, type BatchState, type PortraitState } from "@darkroom/core";
import { defineScript, type RedisConnection } from "@darkroom/redis-kit";
import type { Ledger } from "../ledger.ts";

/**
 * Expiry of a result's key. Needed only if a worker dies between the end of its portrait and the release. Such a key
 * blocks no other portrait.
 */
const KEPT_MS = 7 * 24 * 3_600_000;
/** Releases within this time are sent together. */
const RELEASE_MS = 50;
const MOST_AT_ONCE = 500;

/**
 * KEYS owner of a result · ARGV the claiming run, its portrait's part, the run to take the result over from or '',
 * expiry in ms · returns false if the claiming run owns the result now, otherwise the owning run.
 */
const take = defineScript(`
local now = redis.call('GET', KEYS[1])
if now and now ~= ARGV[3] and string.sub(now, 1, #ARGV[2]) ~= ARGV[2] then return now end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[4])
return false`);

/** KEYS owners of results · ARGV the run expected to own each · returns the number released. */
const release = defineScript(`
local released = 0
for k = 1, #KEYS do
  if redis.call('GET', KEYS[k]) == ARGV[k] then released = released + redis.call('DEL', KEYS[k]) end
end
return released`);

/** The portrait that currently owns a result. */
export interface ResultOwner {
  readonly batchId: string;
  readonly index: number;
  /** Undefined if the ledger no longer has the owner's batch. */
  readonly state: BatchState | undefined;
}

/** The state of the portrait that owns a result. */
export interface OwnerStanding {
  readonly batch: { readonly state: BatchState; readonly cancelled: boolean } | undefined;
  readonly portrait: PortraitState;
  /** A provider was called for the portrait, so its result may be paid and still arrive. */
  readonly wasCalled: boolean;
}

/**
 * True if a portrait may keep the result that it owns. False once it has ended, or while it waits without a provider
 * call, because it claims the result again before it calls.
 */
export function keepsResult({ batch, portrait, wasCalled }: OwnerStanding): boolean {
  if (batch === undefined || isEnded(batch.state)) return false;
  switch (portrait) {
    case "running":
      return true;
    case "pending":
      return wasCalled && !batch.cancelled;
    case "queued":
    case "retrying":
      return wasCalled;
    case "succeeded":
    case "skipped":
    case "failed":
    case "cancelled":
      return false;
  }
  return portrait satisfies never;
}

/** The parts of the ledger that are needed to query an owner. */
type OwnersLedger = Pick<Ledger, "read" | "state" | "receipt">;

interface Owned {
  readonly key: string;
  readonly run: string;
  readonly portrait: string;
}

/**
 * Determines which portrait may pay for the result at a key of a destination: one at a time, across all batches. A run
 * claims the result before it checks the destination and makes its first call, and releases it when the portrait has
 * ended. The stored value identifies the claiming run, so that a portrait cannot lose the result to another at the
 * moment when it continues. ns:{owned}:<hash of the result's URL> string batch:index:token until released, 7 days at
 * most
 */
export class ResultOwners {
  readonly #redis: RedisConnection;
  readonly #namespace: string;
  /** Results owned by this process's runs, by claim token. */
  readonly #owned = new Map<string, Owned>();
  #leaving: Owned[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(redis: RedisConnection, namespace: string) {
    this.#redis = redis;
    this.#namespace = namespace;
  }

  /**
   * Claims a result for a run.
   *
   * @param name name of the result, the same for every batch that writes it
   * @returns the portrait that keeps the result; undefined if the run owns it now
   */
  async take(
    ledger: OwnersLedger,
    name: string,
    { batchId, index, token }: { readonly batchId: string; readonly index: number; readonly token: string },
  ): Promise<ResultOwner | undefined> {
    const portrait = `${batchId}:${index}:`;
    const owned = { key: this.#keyOf(name), run: `${portrait}${token}`, portrait };
    // The usual case of a free result needs one plain command. A retry after a lost reply finds the run's own id.
    const free = await this.#redis.set(owned.key, owned.run, "PX", KEPT_MS, "NX");
    const keeper = free === null ? await this.#takeOver(ledger, owned) : undefined;
    if (keeper === undefined) this.#owned.set(token, owned);
    return keeper;
  }

  /** Claims a result from another owner, unless that owner keeps it. */
  async #takeOver(ledger: OwnersLedger, owned: Owned): Promise<ResultOwner | undefined> {
    for (let over = ""; ;) {
      const holder = await take.run(this.#redis, [owned.key], [owned.run, owned.portrait, over, KEPT_MS]);
      if (typeof holder !== "string") return undefined;
      const [itsBatch = "", itsIndex = ""] = holder.split(":");
      const other = { batchId: itsBatch, index: Number(itsIndex) };
      const [batch, state, receipt] = await Promise.all([
        ledger.read(other.batchId),
        ledger.state(other.batchId, other.index),
        ledger.receipt(other.batchId, other.index),
      ]);
      const wasCalled = receipt?.firstIntentAt !== undefined;
      if (keepsResult({ batch, portrait: state, wasCalled })) return { ...other, state: batch?.state };
      // An owning run that has continued in the meantime has written its own id again, and is not replaced.
      over = holder;
    }
  }

  /** Releases the results of a run whose portrait has ended, together with others that end at the same time. */
  release(token: string): void {
    const owned = this.#owned.get(token);
    if (owned === undefined) return;
    this.#owned.delete(token);
    this.#leaving.push(owned);
    if (this.#leaving.length >= MOST_AT_ONCE) void this.flush();
    else this.#timer ??= setTimeout(() => void this.flush(), RELEASE_MS);
  }

  /** Forgets a run that is over although its portrait may continue. */
  forget(token: string): void {
    this.#owned.delete(token);
  }

  /** Reasserts the results of this process's runs after a failover. */
  async reassert(): Promise<void> {
    const all = [...this.#owned.values()];
    await Promise.all(all.map(({ key, run, portrait }) => take.run(this.#redis, [key], [run, portrait, "", KEPT_MS])));
  }

  /** Sends pending releases. If that fails, other claimants find that the runs are over. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const leaving = this.#leaving.splice(0);
    if (leaving.length === 0) return;
    const keys = leaving.map(({ key }) => key);
    const runs = leaving.map(({ run }) => run);
    await release.run(this.#redis, keys, runs).catch(() => undefined);
  }

  #keyOf(name: string): string {
    return `${this.#namespace}:{owned}:${sha256(name).slice(0, 32)}`;
  }
}
