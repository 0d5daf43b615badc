import { isEnded, sha256, type BatchState, type PortraitState } from "@darkroom/core";
import { defineScript, type RedisConnection } from "@darkroom/redis-kit";
import type { Ledger } from "../ledger.ts";

/** Only a portrait whose worker died between its end and the release leaves its key for so long; it holds nobody up. */
const KEPT_MS = 7 * 24 * 3_600_000;
/** Releases of so long go together. */
const RELEASE_MS = 50;
const MOST_AT_ONCE = 500;

/**
 * KEYS owner of a result · ARGV the run that wants it, the portrait's part of that, the run to take it over from or '', ms
 * that it is kept · returns false where it is the run's own from now on, or the run that has it.
 */
const take = defineScript(`
local now = redis.call('GET', KEYS[1])
if now and now ~= ARGV[3] and string.sub(now, 1, #ARGV[2]) ~= ARGV[2] then return now end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[4])
return false`);

/** KEYS owners of results · ARGV the run that is to have each · returns how many were released. */
const release = defineScript(`
local released = 0
for k = 1, #KEYS do
  if redis.call('GET', KEYS[k]) == ARGV[k] then released = released + redis.call('DEL', KEYS[k]) end
end
return released`);

/** The portrait that owns a result at present. */
export interface ResultOwner {
  readonly batchId: string;
  readonly index: number;
  /** Undefined where the ledger does not know its batch any more. */
  readonly state: BatchState | undefined;
}

/** How the portrait stands that owns a result. */
export interface OwnerStanding {
  readonly batch: { readonly state: BatchState; readonly cancelled: boolean } | undefined;
  readonly portrait: PortraitState;
  /** A provider was called for it: its result may be paid for, and is still to come. */
  readonly wasCalled: boolean;
}

/**
 * Whether a portrait keeps the result that it owns from others. One that has ended does not, nor one that waits and that
 * no provider was called for: it takes the result anew before it calls.
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

/** What is asked of a ledger about an owner. */
type OwnersLedger = Pick<Ledger, "read" | "state" | "receipt">;

interface Owned {
  readonly key: string;
  readonly run: string;
  readonly portrait: string;
}

/**
 * Who may pay for what is put at a key of a destination: one portrait at a time, whatever batch it is of. It is taken
 * before the destination is looked at and before the first call, and released when the portrait has ended. What is there
 * says which run took it, so that a portrait that waits cannot lose it to another in the moment in which it goes on.
 *
 *   ns:{owned}:<hash of the result's URL>   string   batch:index:token   until released, 7 days at most
 */
export class ResultOwners {
  readonly #redis: RedisConnection;
  readonly #namespace: string;
  /** What this process' runs own, by claim token. */
  readonly #owned = new Map<string, Owned>();
  #leaving: Owned[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(redis: RedisConnection, namespace: string) {
    this.#redis = redis;
    this.#namespace = namespace;
  }

  /**
   * Takes a result for a run.
   *
   * @param name of the result, the same for every batch that puts it there
   * @returns the portrait that keeps it; undefined where it is the run's own
   */
  async take(
    ledger: OwnersLedger,
    name: string,
    { batchId, index, token }: { readonly batchId: string; readonly index: number; readonly token: string },
  ): Promise<ResultOwner | undefined> {
    const portrait = `${batchId}:${index}:`;
    const owned = { key: this.#keyOf(name), run: `${portrait}${token}`, portrait };
    // A free result, the usual case, takes one plain command. Sent again after a lost answer, it finds the run's own name.
    const free = await this.#redis.set(owned.key, owned.run, "PX", KEPT_MS, "NX");
    const keeper = free === null ? await this.#takeOver(ledger, owned) : undefined;
    if (keeper === undefined) this.#owned.set(token, owned);
    return keeper;
  }

  /** Takes a result that has an owner, unless that owner keeps it. */
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
      // Should its run go on in between, it has written a name of its own, and this one is not taken over.
      over = holder;
    }
  }

  /** The run's portrait has ended: others may have the result. They go in one command with others that end now. */
  release(token: string): void {
    const owned = this.#owned.get(token);
    if (owned === undefined) return;
    this.#owned.delete(token);
    this.#leaving.push(owned);
    if (this.#leaving.length >= MOST_AT_ONCE) void this.flush();
    else this.#timer ??= setTimeout(() => void this.flush(), RELEASE_MS);
  }

  /** The run is over, and its portrait may go on. */
  forget(token: string): void {
    this.#owned.delete(token);
  }

  /** Says again what this process' runs own, to a Redis that may have forgotten it. */
  async reassert(): Promise<void> {
    const all = [...this.#owned.values()];
    await Promise.all(all.map(({ key, run, portrait }) => take.run(this.#redis, [key], [run, portrait, "", KEPT_MS])));
  }

  /** Releases what waits for it; what cannot be released is found to be over by whoever wants it. */
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
