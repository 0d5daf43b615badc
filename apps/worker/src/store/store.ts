import { MOST_RESULT_BYTES, readAll } from "@darkroom/web-fetch";
import {
  type Outcome,
  type OutcomeCode,
  RESULT_METADATA,
  answered,
  formatOfKey,
  givenPictureText,
  outcomeOf,
  pictureStatsText,
  whatLies,
} from "@darkroom/core";
import { finishingBytes, finishResult, isWholePicture } from "@darkroom/imaging";
import { beginsAlike } from "../prepare/head-digest.ts";
import { confirmClaim } from "../claims/confirm-claim.ts";
import type { Claimed, LaneContext, WorkerContext } from "../run/worker-context.ts";
import { forgetReplaced, noteDelivery } from "../delivered/delivery-notes.ts";
import type { Ending } from "../run/run-ending.ts";
import {
  picturesOf,
  profileWarnings,
  type Enhanced,
  type FetchedPicture,
  type OfferedPicture,
} from "../enhance/enhanced-pictures.ts";
import { givenPictures, markOfPhoto } from "./given-pictures.ts";
import { faultyLook, whoseFault } from "./judge-result.ts";
import { beforeGivingUp, type PortraitRun } from "../enhance/lost-result.ts";
import { whyTaken } from "../delivered/look-there.ts";
import { measure } from "./measure.ts";
import { SOURCE_CHANGED, type Prepared } from "../prepare/prepare.ts";
import type { ReceiptBox } from "../enhance/receipt-box.ts";
import { marksOf } from "./result-marks.ts";
import { expectedBytes, largerRoom, NeedsRoom, tooLargeMessage, withResultRoom } from "./reserve-result-memory.ts";
import { resultFailed } from "../run/retry.ts";
import { lookAgain } from "../prepare/reread-source.ts";
import { storeDeliveries } from "./store-deliveries.ts";
import { keepPicture, keepPictures, keptKey } from "./keep-pictures.ts";
import { storeInHand } from "./store-in-hand.ts";
import { storeVariations } from "./store-variations.ts";
import { waitForNetwork } from "../lanes/wait-for-network.ts";
import { givenOfStored, sharedMessage, takePicture, withFurther, type Taken } from "./take-picture.ts";

/**
 * Fetches the paid pictures at once, looks at them, and puts them where they belong. The main one is checked first, and
 * written after its cuts and before its variations: these may have to be waited for, and what was paid is not to be lost
 * meanwhile. Until they are stored too, or given up, another run goes on with them; see `endWhenDelivered`.
 */
export async function store(
  context: WorkerContext,
  lane: LaneContext,
  claimed: Claimed,
  prepared: Prepared,
  box: ReceiptBox,
  enhanced: Enhanced,
): Promise<Ending> {
  const once = (roomBytes: number): Promise<Ending> =>
    context.storing(() => storePictures(context, lane, claimed, prepared, box, { enhanced, roomBytes }));
  if (enhanced.kind === "urls") {
    const ending = await withResultRoom(context.resultMemory, expectedBytes(prepared), claimed.signal, once);
    return await beforeGivingUp(ending, { context, lane, claimed, prepared, box });
  }
  // They lie in memory already, within what was set aside before the call.
  return await storeInHand(context, claimed.signal, box, {
    once: () => once(MOST_RESULT_BYTES),
    keep: () => keepPictures(context, claimed, prepared, box, enhanced.pictures),
  });
}

async function storePictures(
  context: WorkerContext,
  lane: LaneContext,
  claimed: Claimed,
  prepared: Prepared,
  box: ReceiptBox,
  { enhanced, roomBytes }: { readonly enhanced: Enhanced; readonly roomBytes: number },
): Promise<Ending> {
  const { source, row } = prepared;
  context.destinations.check(claimed.spec, row.destination);
  const [main, ...further] = picturesOf(context, prepared, enhanced, claimed.signal);
  const fetched = await fetchMain(main, { context, lane, claimed, prepared, box }, roomBytes);
  if (fetched.kind !== "ok") {
    return resultFailed(context, box.current, { ...fetched, gone: fetched.kind === "gone" });
  }
  const { bytes } = fetched;
  const takesBytes = finishingBytes(
    bytes.length,
    source === undefined ? undefined : { ...source.probe, sizeBytes: source.sizeBytes },
  );
  return await context.pictureMemory.use(
    takesBytes,
    () => finishAndPut(context, lane, claimed, prepared, box, { bytes, further, roomBytes, ...enhanced }),
    claimed.signal,
  );
}

/** The link of a main picture that an earlier run has stored may be dead by now. */
async function fetchMain(
  main: OfferedPicture | undefined,
  run: PortraitRun,
  roomBytes: number,
): Promise<FetchedPicture> {
  const { row, destination, isStored } = run.prepared;
  const { signal } = run.claimed;
  if (main === undefined) return { kind: "gone", message: "the provider answered without a picture" };
  const fetched = await main.fetch(roomBytes);
  // Without a network its variations could not be had either.
  if (fetched.kind === "failed") await waitForNetwork(run, fetched);
  if (!isStored || (fetched.kind === "ok" && isWholePicture(fetched.bytes))) return fetched;
  const { info, body } = await destination.get(row.destination, { signal });
  if (info.sizeBytes <= roomBytes) return { kind: "ok", bytes: Buffer.from(await readAll(body, roomBytes)) };
  body.on("error", () => undefined).destroy();
  const more = largerRoom(roomBytes, info.sizeBytes);
  if (more !== undefined) throw new NeedsRoom(more);
  return { kind: "gone", message: tooLargeMessage(info.sizeBytes) };
}

interface FetchedPictures extends Pick<Enhanced, "knownSubjects" | "kind"> {
  /** The links of all of them, where they came by link; the main one's first. */
  readonly urls?: readonly string[];
  /** The main picture. */
  readonly bytes: Buffer;
  readonly further: ReturnType<typeof picturesOf>;
  /** Set aside in memory for each of them. */
  readonly roomBytes: number;
}

async function finishAndPut(
  context: WorkerContext,
  { provider }: LaneContext,
  claimed: Claimed,
  prepared: Prepared,
  box: ReceiptBox,
  fetched: FetchedPictures,
): Promise<Ending> {
  const { spec, round, signal } = claimed;
  const { row, recipe, source, destination } = prepared;
  const settle = (code: OutcomeCode, message: string, seen: Partial<Outcome> = {}): Ending => ({
    kind: "settle",
    outcome: { ...outcomeOf(answered(box.current), code, message), ...seen },
  });
  const { further, roomBytes, knownSubjects } = fetched;
  const same =
    source !== undefined && fetched.bytes.length === source.sizeBytes && beginsAlike(fetched.bytes, source.beginning);
  const faulty = (code: OutcomeCode, message: string): Ending => {
    const seen = { ...faultyLook(fetched.bytes), showsSource: code === "unchanged_output" };
    const before = box.current.turns.at(-1)?.faulty;
    if (fetched.kind === "pictures" || whoseFault(before, seen) === "provider") return settle(code, message);
    return resultFailed(context, box.current, { code, message, gone: true, digest: seen.digest });
  };
  if (same) return faulty("unchanged_output", "the provider gave the source back");
  const again = await lookAgain(context, spec.source, prepared, signal);
  // A main picture that is stored was looked at then.
  if (again === "changed" && !prepared.isStored) return settle("source_changed", SOURCE_CHANGED);
  const look = again === "changed" ? undefined : again;
  const checks = {
    ...(look === undefined ? {} : { source: look }),
    wishedFormat: formatOfKey(row.destination),
    leastShare: recipe.output.leastShare,
  };
  const finished = await finishResult({ ...checks, resultBytes: fetched.bytes, measure: true });
  if (!finished.ok) return faulty(finished.code, finished.message);
  const confirm = (): Promise<unknown> => confirmClaim(context, claimed, box);
  const taken = prepared.isStored ? undefined : await takenMeanwhile(claimed, prepared);
  if (taken !== undefined) return settle("destination_taken", taken);
  const photo = markOfPhoto(prepared.order.photo, look);
  const links = fetched.urls ?? [];
  const take = (bytes: Uint8Array, place: number): Promise<Taken> =>
    takePicture(context, claimed, box, givenPictures(photo, bytes, links[place]));
  const picture = prepared.isStored ? await givenOfStored(prepared) : await take(fetched.bytes, 0);
  if (picture?.sharedWith !== undefined) {
    const message = `${await sharedMessage(context, claimed, prepared, picture.sharedWith)} Nothing was stored; look at the other one, too`;
    return settle("shared_picture", message, { picture: picture.given });
  }
  const { wanted } = prepared;
  const target = {
    destination,
    row,
    wanted,
    overwrite: spec.destination.overwrite === true,
    marks: marksOf({ batchId: spec.id, row, ...wanted, recipe, provider: provider.name, round }),
    signal,
    confirm,
  };
  const cuts = await storeDeliveries(target, recipe.output.deliveries ?? [], finished.bytes);
  const { bytes, contentType } = finished;
  const stats = finished.stats ?? (await measure(context, bytes));
  const metadata = {
    ...target.marks(bytes),
    ...(prepared.ordered === undefined ? {} : { [RESULT_METADATA.ordered]: prepared.ordered }),
    ...(picture === undefined ? {} : { [RESULT_METADATA.given]: givenPictureText(picture.given) }),
    ...(stats === undefined ? {} : { [RESULT_METADATA.stats]: pictureStatsText(stats) }),
  };
  if (!prepared.isStored) {
    await forgetReplaced(context, spec, row, destination, prepared.fingerprint);
    if (cuts.keys.length > 0 || spec.schedule !== undefined) await confirm();
    await destination.put(row.destination, bytes, { contentType, signal, metadata });
  }
  await noteDelivery(context, spec, row, { metadata });
  const variations = await storeVariations(
    target,
    recipe.output.variations ?? 1,
    {
      pictures: further,
      roomBytes,
      keep: (bytes) => keepPicture(context, destination, keptKey(spec.id, row.index, bytes), { bytes, signal }),
      compare: async (bytes, number) => {
        const { given, sharedWith } = await take(bytes, number - 1);
        return sharedWith === undefined
          ? { given }
          : { given, shared: await sharedMessage(context, claimed, prepared, sharedWith) };
      },
    },
    checks,
  );
  if (variations.failing !== undefined) {
    // It is paid, and once the portrait has ended nobody would come back for it. When it was waited for, it is told.
    const wait = resultFailed(context, box.current, { message: variations.failing, gone: false });
    if (wait.kind === "later") return wait;
  }
  const warnings = [
    ...finished.warnings,
    ...profileWarnings(row.profileIds, knownSubjects),
    ...variations.warnings,
    ...cuts.warnings,
  ];
  const undelivered = [...variations.undelivered, ...cuts.undelivered];
  return settle("ok", "", {
    destination: row.destination,
    ...(undelivered.length === 0 ? {} : { undelivered }),
    ...(variations.keys.length === 0 ? {} : { variations: variations.keys }),
    ...(cuts.keys.length === 0 ? {} : { deliveries: cuts.keys }),
    ...(knownSubjects === undefined ? {} : { knownSubjects }),
    ...(warnings.length === 0 ? {} : { warnings }),
    ...(finished.distance === undefined ? {} : { distance: finished.distance }),
    ...(stats === undefined ? {} : { stats }),
    ...(picture === undefined ? {} : { picture: withFurther(picture.given, variations.digests) }),
  });
}

/** Why the main picture may not be put: somebody else put a file there while it was made. */
async function takenMeanwhile({ spec }: Claimed, { destination, row, wanted }: Prepared): Promise<string | undefined> {
  const head = await destination.head(row.destination);
  return whyTaken({ what: whatLies(head, wanted), head }, row.destination, destination, spec);
}
