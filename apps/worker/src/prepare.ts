import {
  callPriceUsd,
  DarkroomError,
  fingerprint,
  isDarkroomError,
  isRejected,
  messageOf,
  recipeFor,
  type ObjectHead,
  type ObjectStore,
  type OutcomeCode,
  type PortraitRow,
  type Recipe,
  type SourceIdentity,
} from "@darkroom/core";
import { checkAgainst, probePicture, type Probe } from "@darkroom/imaging";
import type { Receipt } from "@darkroom/ledger";
import type { EnhanceRequest } from "@darkroom/provider-kit";
import { photoPlace } from "@darkroom/manifest";
import { isSameObject } from "@darkroom/storage";
import type { Claimed, LaneContext, WorkerContext } from "./context.ts";
import { beginningOf, type Beginning } from "./beginning.ts";
import { EndRun, outcomeOf } from "./ending.ts";
import { isDelivered } from "./delivered.ts";
import { readAll } from "./read-all.ts";

/** Enough for the header of nearly every picture. */
const FIRST_BYTES = 64 * 1_024;
/** A header is not looked for further than this. */
const MOST_FIRST_BYTES = 4 * 1_024 * 1_024;
/** A link to the source outlives one provider call by this much, and no more (P8). */
const LINK_MARGIN_MS = 120_000;

export interface Prepared {
  readonly row: PortraitRow;
  readonly recipe: Recipe;
  readonly fingerprint: string;
  readonly pricePerTurnUsd: number | undefined;
  readonly destination: ObjectStore;
  /** Undefined when the source has gone since the portrait was paid for. */
  readonly source:
    | { readonly probe: Probe & { kind: "picture" }; readonly beginning: Beginning; readonly sizeBytes: number }
    | undefined;
  /** The photo for one call: a new link, as a rule. */
  readonly image: () => Promise<Pick<EnhanceRequest, "imageUrl" | "imageBytes">>;
}

interface SourceBytes extends SourceIdentity {
  readonly firstBytes: Uint8Array;
  more(bytes: number): Promise<Uint8Array>;
}

/**
 * Looks at everything that can be known before money is spent: the row, whether the destination already holds this
 * fingerprint, and whether the picture is one that the provider takes. Ends the run where one of them says so.
 */
export async function prepare(
  context: WorkerContext,
  { provider }: LaneContext,
  { spec, recipe: batchRecipe, index, signal }: Claimed,
  receipt: { readonly current: Receipt },
): Promise<Prepared> {
  const destination = context.openStore(spec.destination.url);
  const row = await context.snapshot.row(destination, spec.id, index);
  if (isRejected(row)) throw new DarkroomError("internal", `portrait ${index} is a rejected row and was dispatched`);
  const recipe = recipeFor(batchRecipe, row);
  const pricePerTurnUsd = callPriceUsd({ ...recipe, provider: provider.name }, context.prices);
  const print = (identity: SourceIdentity): string => fingerprint(identity, recipe, row.profileIds);
  const end = (code: OutcomeCode, message: string): EndRun =>
    new EndRun({ kind: "settle", outcome: outcomeOf(receipt.current, code, message, pricePerTurnUsd) });

  const photo = photoPlace(context.openStore, spec.source, row);
  if (!(photo instanceof URL) && isSameObject(photo, { store: destination, key: row.destination })) {
    throw end("invalid_row", "the destination is the photo itself; name another destination or template");
  }
  const listed =
    receipt.current.fingerprint ??
    (row.etag === undefined || row.sizeBytes === undefined
      ? undefined
      : print({ etag: row.etag, sizeBytes: row.sizeBytes }));
  if (listed !== undefined) {
    await isDelivered(context, spec, row, destination, listed, receipt.current, pricePerTurnUsd, recipe.steps.length);
  }
  const common = { row, recipe, pricePerTurnUsd, destination };
  let source: SourceBytes;
  try {
    source = await readSource(context, spec.source, row, signal);
  } catch (error) {
    if (
      receipt.current.fingerprint !== undefined &&
      receipt.current.turns.some((turn) => turn.outputUrl !== undefined)
    ) {
      const image = () => Promise.reject(end("source_missing", messageOf(error)));
      return { ...common, fingerprint: receipt.current.fingerprint, source: undefined, image };
    }
    throw sourceFault(error, end);
  }
  const actual = receipt.current.fingerprint ?? print(source);
  if (actual !== listed)
    await isDelivered(context, spec, row, destination, actual, receipt.current, pricePerTurnUsd, recipe.steps.length);
  const probe = await probeSource(source);
  const refusal = checkAgainst(probe, provider.accepts);
  if (refusal !== undefined) throw end(refusal.code, refusal.message);
  if (probe.kind !== "picture") throw end("invalid_image", "the source's kind of picture could not be read");
  return {
    ...common,
    fingerprint: actual,
    source: { probe, beginning: beginningOf(source.firstBytes), sizeBytes: source.sizeBytes },
    image: async () => ({ imageUrl: await linkTo(context, spec.source, row) }),
  };
}

async function probeSource(source: SourceBytes): Promise<Probe> {
  const probe = await probePicture(source.firstBytes, source.sizeBytes);
  if (probe.kind !== "need_more") return probe;
  const wanted = Math.min(Math.max(probe.bytes, FIRST_BYTES * 8), MOST_FIRST_BYTES, source.sizeBytes);
  return await probePicture(await source.more(wanted), source.sizeBytes);
}

type BatchSourceRef = Claimed["spec"]["source"];

async function readSource(
  context: WorkerContext,
  batchSource: BatchSourceRef,
  row: PortraitRow,
  signal: AbortSignal,
): Promise<SourceBytes> {
  const place = photoPlace(context.openStore, batchSource, row);
  if (place instanceof URL) return await context.remoteSources.read(place, FIRST_BYTES, signal);
  const read = async (bytes: number): Promise<{ info: ObjectHead; data: Uint8Array }> => {
    const { info, body } = await place.store.get(place.key, { range: { start: 0, end: bytes - 1 }, signal });
    return { info, data: await readAll(body, bytes) };
  };
  const { info, data } = await read(FIRST_BYTES);
  return {
    etag: info.etag,
    sizeBytes: info.sizeBytes,
    firstBytes: data,
    more: async (bytes) => (await read(bytes)).data,
  };
}

async function linkTo(context: WorkerContext, batchSource: BatchSourceRef, row: PortraitRow): Promise<string> {
  const place = photoPlace(context.openStore, batchSource, row);
  if (place instanceof URL) return place.href;
  const expiresInSeconds = Math.ceil((context.timing.deadlineMs + LINK_MARGIN_MS) / 1_000);
  return await place.store.link(place.key, { expiresInSeconds });
}

/** What a source that cannot be read means for its portrait; passing faults of the store go on as they are. */
function sourceFault(error: unknown, end: (code: OutcomeCode, message: string) => EndRun): unknown {
  if (isDarkroomError(error, "storage_not_found") || isDarkroomError(error, "not_found")) {
    return end("source_missing", messageOf(error));
  }
  if (
    isDarkroomError(error, "storage_denied") ||
    isDarkroomError(error, "address_not_allowed") ||
    isDarkroomError(error, "storage_invalid") ||
    isDarkroomError(error, "invalid_input")
  ) {
    return end("source_unreadable", messageOf(error));
  }
  return error;
}
