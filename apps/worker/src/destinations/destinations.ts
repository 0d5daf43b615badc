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

/** A probe that takes longer is no answer. */
const PROBE_MS = 30_000;
/**
 * Folders that are probed before the first call into them, for each batch; what comes after is found by a refused result.
 * While a folder of the destination is blocked every further one is probed: each may be refused as that one is.
 */
const MOST_FOLDERS = 64;
/** Batches whose probed folders are remembered. */
const MOST_BATCHES = 256;

export interface DestinationParts {
  readonly state: BlockedDestinations;
  readonly bus: Pick<Bus, "tell">;
  readonly openStore: OpenStore;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, "destinationProbes">;
}

/** Thrown where a destination takes no writes: the portrait waits, whatever it was about to do. */
export class DestinationBlocked extends Error {
  readonly blocked: BlockedDestination;

  constructor(blocked: BlockedDestination) {
    super(blocked.message);
    this.blocked = blocked;
  }
}

/** A key of a store that a batch writes to. */
export interface WrittenKey {
  /** Store URL. */
  readonly url: string;
  readonly key: string;
}

/**
 * What this process knows of destinations that take no writes: finds them out, by a probe before the first paid call and
 * by another one after a refused write, and looks at the blocked ones until they take writes again. What is blocked is
 * shared by all processes.
 */
export class Destinations {
  readonly #parts: DestinationParts;
  /** By batch: the folders that took a probe. */
  readonly #proven = new Map<string, Map<string, Promise<void>>>();
  /** Probes under way after a refused write: many writes are refused together. */
  readonly #probes = new Map<string, Promise<DarkroomError | undefined>>();
  #blocked: readonly BlockedDestination[] = [];

  constructor(parts: DestinationParts) {
    this.#parts = parts;
  }

  /** @param key of a result; without it, what stops every result of the batch */
  blockOf(batch: WritingBatch, key?: string): BlockedDestination | undefined {
    return this.#blocked.length === 0 ? undefined : blockOf(this.#blocked, batch, key);
  }

  /** Throws {@link DestinationBlocked} where a result cannot be stored at present. */
  check(batch: WritingBatch, key?: string): void {
    const blocked = this.blockOf(batch, key);
    if (blocked !== undefined) throw new DestinationBlocked(blocked);
  }

  /**
   * Proves, once for a batch and a folder of results, that this process may write there: before a call is paid for.
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
   * Finds out whether a refused write is the key's own matter or the place's, and blocks the place. Probes from the top
   * down, so that the highest folder that is refused is the one that is blocked.
   *
   * @throws DestinationBlocked where it is the place's
   */
  async explain(batch: WritingBatch, { url, key }: WrittenKey, sizeBytes: number, error: DarkroomError): Promise<void> {
    const needsRoom = error.code === "storage_full" || error.code === "storage_unavailable";
    // A file where a folder should be, or the reverse, is a matter of that name, but for the destination itself.
    const folders = error.code === "storage_invalid" ? [""] : foldersOf(key);
    for (const folder of folders) {
      const bytes = needsRoom ? sizeBytes : SMALL_PROBE_BYTES;
      const refusal = await this.#probe({ url, folder }, bytes);
      if (refusal !== undefined) await this.#block({ url, folder }, refusal, bytes);
    }
    this.check(batch, key);
  }

  /** Takes up what other processes have found, and looks at blocked destinations whose time has come. */
  async tick(): Promise<void> {
    await this.#refresh();
    await Promise.all(this.#blocked.map((place) => this.#look(place)));
  }

  /** Another process has found something. */
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
    // A file in the folder's place: no waiting mends that, and nothing is paid yet.
    if (refusal?.code === "storage_invalid" && place.folder !== "") throw refusal;
    if (refusal !== undefined) await this.#block(place, refusal, SMALL_PROBE_BYTES);
  }

  /** One at a time for a place, whoever asks in this process. */
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
    // Lifted in the same moment: the portrait comes again as if it were not.
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
      log.warn({ destination: place.url, folder: place.folder }, "the destination takes results again");
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
    await bus.tell(message).catch((error: unknown) => log.debug(`telling of a destination: ${messageOf(error)}`));
  }
}

/** What a name stands for, asked for once; what failed is asked for again. */
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
