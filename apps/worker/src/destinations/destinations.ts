import {
  batchKeys,
  blockOf,
  destinationFault,
  foldersOf,
  messageOf,
  type BlockedDestination,
  type DarkroomError,
  type ObjectStore,
  type OpenStore,
  type WritingBatch,
} from "@darkroom/core";
import type { BlockedDestinations, Bus, ControlMessage, DestinationPlace } from "@darkroom/ledger";
import { probeWrites, SMALL_PROBE_BYTES } from "@darkroom/storage";
import { serverNow } from "@darkroom/redis-kit";
import type { Logger, Metrics } from "@darkroom/runtime";

/** A probe that takes longer counts as failed. */
const PROBE_MS = 30_000;
/**
 * Limit of folders probed per batch before paid calls. Further folders are tested by their first write. While any
 * folder of the destination is blocked, every new folder is probed.
 */
const MOST_FOLDERS = 64;
/** Limit of batches whose probed folders are cached. */
const MOST_BATCHES = 256;

export interface DestinationParts {
  readonly state: BlockedDestinations;
  readonly bus: Pick<Bus, "tell">;
  readonly openStore: OpenStore;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, "destinationProbes">;
}

/** Thrown when the destination refuses writes: the portrait waits. */
export class DestinationBlocked extends Error {
  readonly blocked: BlockedDestination;

  constructor(blocked: BlockedDestination) {
    super(blocked.message);
    this.blocked = blocked;
  }
}

/** A key in a store that the batch writes to. */
export interface WrittenKey {
  /** Store URL. */
  readonly url: string;
  readonly key: string;
}

/**
 * Tracks destinations that refuse writes. Probes a folder before the first paid call and after a refused write, and
 * probes blocked folders until they accept writes again. All processes share the blocks through Redis.
 */
export class Destinations {
  readonly #parts: DestinationParts;
  /** Batch → folders that accepted a probe. */
  readonly #proven = new Map<string, Map<string, Promise<void>>>();
  /** Running probes, shared by all writes that were refused at the same place. */
  readonly #probes = new Map<string, Promise<DarkroomError | undefined>>();
  #blocked: readonly BlockedDestination[] = [];

  constructor(parts: DestinationParts) {
    this.#parts = parts;
  }

  /** @param key of a result; if omitted, only a block of the whole batch is returned */
  blockOf(batch: WritingBatch, key?: string): BlockedDestination | undefined {
    return this.#blocked.length === 0 ? undefined : blockOf(this.#blocked, batch, key);
  }

  /** Throws {@link DestinationBlocked} when a result cannot be stored now. */
  check(batch: WritingBatch, key?: string): void {
    const blocked = this.blockOf(batch, key);
    if (blocked !== undefined) throw new DestinationBlocked(blocked);
  }

  /**
   * Probes once for each batch and folder that this process can write there, before a call is paid for.
   *
   * @throws DestinationBlocked
   */
  async prove(batch: WritingBatch, key: string): Promise<void> {
    this.check(batch, key);
    const proven = this.#provenOf(batch.id);
    const folder = key.slice(0, key.lastIndexOf("/") + 1);
    await (proven.get(folder) ?? this.#proveFolder(batch, proven, folder));
  }

  async #proveFolder(batch: WritingBatch, proven: Map<string, Promise<void>>, folder: string): Promise<void> {
    const { id, destination, schedule } = batch;
    if (proven.size > MOST_FOLDERS && !this.#refusesFolders(destination.url)) return;
    const { url } = destination;
    const own = batchKeys(id).base;
    await once(proven, folder, async () => {
      await once(proven, own, async () => {
        await this.#provePlace({ url, folder: own });
        if (schedule !== undefined) await this.#provePlace({ url: schedule.deliveredUrl, folder: "" });
      });
      if (folder !== own) await this.#provePlace({ url, folder });
    });
  }

  /**
   * Determines whether a write was refused because of its key or its folder, and blocks a refusing folder. Probes from
   * the top, so that the highest refusing folder is blocked.
   *
   * @throws DestinationBlocked when a folder refuses writes
   */
  async explain(batch: WritingBatch, { url, key }: WrittenKey, sizeBytes: number, error: DarkroomError): Promise<void> {
    const needsRoom = error.code === "storage_full" || error.code === "storage_unavailable";
    // A file in place of a folder, or a folder in place of a file, affects only that name, unless it is the destination
    // itself.
    const folders = error.code === "storage_invalid" ? [""] : foldersOf(key);
    for (const folder of folders) {
      const bytes = needsRoom ? sizeBytes : SMALL_PROBE_BYTES;
      const refusal = await this.#probe({ url, folder }, bytes);
      if (refusal !== undefined) await this.#block({ url, folder }, refusal, bytes);
    }
    this.check(batch, key);
  }

  /** Reads the blocks that other processes found, and runs the probes that are due. */
  async tick(): Promise<void> {
    await this.#refresh();
    await Promise.all(this.#blocked.map((place) => this.#look(place)));
  }

  /** Handles a message about a destination. */
  async take(message: ControlMessage): Promise<void> {
    if (message.type === "destination-blocked" || message.type === "destination-unblocked") await this.#refresh();
  }

  async #refresh(): Promise<void> {
    this.#blocked = await this.#parts.state.read();
  }

  #refusesFolders(destination: string): boolean {
    return this.#blocked.some(({ url, folder }) => url === destination && folder !== "");
  }

  #provenOf(batchId: string): Map<string, Promise<void>> {
    const known = this.#proven.get(batchId);
    if (known !== undefined) return known;
    const oldest = this.#proven.keys().next().value;
    if (this.#proven.size >= MOST_BATCHES && oldest !== undefined) this.#proven.delete(oldest);
    const folders = new Map<string, Promise<void>>();
    this.#proven.set(batchId, folders);
    return folders;
  }

  async #provePlace(place: DestinationPlace): Promise<void> {
    const refusal = await this.#probe(place, SMALL_PROBE_BYTES);
    // There is a file in place of the folder. Waiting does not help, and no call has been paid for yet.
    if (refusal?.code === "storage_invalid" && place.folder !== "") throw refusal;
    if (refusal !== undefined) await this.#block(place, refusal, SMALL_PROBE_BYTES);
  }

  /** Runs one probe at a time for each place in this process. */
  async #probe(place: DestinationPlace, sizeBytes: number): Promise<DarkroomError | undefined> {
    const id = `${place.folder} ${place.url}`;
    const under = this.#probes.get(id);
    if (under !== undefined) return await under;
    const store: ObjectStore = this.#parts.openStore(place.url);
    const probe = probeWrites(store, place.folder, sizeBytes, AbortSignal.timeout(PROBE_MS)).finally(() =>
      this.#probes.delete(id),
    );
    this.#probes.set(id, probe);
    const refusal = await probe;
    this.#parts.metrics.destinationProbes.inc({ found: refusal === undefined ? "room" : "refusal" });
    return refusal;
  }

  async #block(place: DestinationPlace, refusal: DarkroomError, sizeBytes: number): Promise<never> {
    const { state, log } = this.#parts;
    const { message } = refusal;
    const reason = destinationFault(refusal.code);
    const isNew = await state.block(place, { reason, message, sizeBytes });
    await this.#refresh();
    if (isNew) {
      log.warn({ destination: place.url, folder: place.folder, reason }, `destination blocked: ${message}`);
      await this.#tell({ type: "destination-blocked", ...named(place), reason, message });
    }
    const blocked = this.#blocked.find(({ url, folder }) => url === place.url && folder === place.folder);
    // If another process has just lifted the block, the portrait is retried at once.
    const since = new Date().toISOString();
    throw new DestinationBlocked(blocked ?? { ...place, reason, message, since, nextLookAt: serverNow() });
  }

  async #look(place: BlockedDestination): Promise<void> {
    const { state, log } = this.#parts;
    const sizeBytes = await state.take(place);
    if (sizeBytes === undefined) return;
    const refusal = await this.#probe(place, sizeBytes);
    if (refusal === undefined) {
      if (!(await state.lift(place))) return;
      log.warn({ destination: place.url, folder: place.folder }, "the destination accepts writes again");
      await this.#tell({ type: "destination-unblocked", ...named(place) });
    } else {
      const reason = destinationFault(refusal.code);
      const { message } = refusal;
      if (await state.refuse(place, { reason, message })) {
        log.warn({ destination: place.url, folder: place.folder, reason }, `destination still blocked: ${message}`);
        await this.#tell({ type: "destination-blocked", ...named(place), reason, message });
      }
    }
    await this.#refresh();
  }

  async #tell(message: ControlMessage): Promise<void> {
    const { bus, log } = this.#parts;
    await bus
      .tell(message)
      .catch((error: unknown) => log.debug(`publishing a destination's state failed: ${messageOf(error)}`));
  }
}

/** Memoizes a successful call by name. Failed calls are not cached. */
function once(known: Map<string, Promise<void>>, name: string, ask: () => Promise<void>): Promise<void> {
  const asked = known.get(name);
  if (asked !== undefined) return asked;
  const asking = ask().catch((error: unknown) => {
    known.delete(name);
    throw error;
  });
  known.set(name, asking);
  return asking;
}

function named({ url, folder }: DestinationPlace): { readonly destination: string; readonly folder: string } {
  return { destination: url, folder };
}
