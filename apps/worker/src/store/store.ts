import { MOST_RESULT_BYTES, readAll } from "@darkroom/web-fetch";
import { finishingBytes, isWholePicture } from "@darkroom/imaging";
import { picturesOf, type Enhanced, type FetchedPicture, type OfferedPicture } from "../enhance/enhanced-pictures.ts";
import { beforeGivingUp } from "../enhance/lost-result.ts";
import { waitForNetwork } from "../lanes/wait-for-network.ts";
import { resultFailed } from "../run/after-failure.ts";
import type { PreparedRun } from "../run/portrait-run.ts";
import type { RunEnding } from "../run/run-ending.ts";
import { finishAndPut } from "./finish-and-put.ts";
import { expectedBytes, largerRoom, NeedsRoom, tooLargeMessage, withResultRoom } from "./reserve-result-memory.ts";
import { keepPictures } from "./keep-pictures.ts";
import { storeInHand } from "./store-in-hand.ts";

/**
 * Fetches the paid pictures in parallel, checks them and stores them at their keys: cuts, then the main picture, then
 * variations. The main picture does not wait for variations, which may need retries. Later runs retry the variations
 * until they are stored or given up; see `endWhenDelivered`.
 */
export async function store(run: PreparedRun, enhanced: Enhanced): Promise<RunEnding> {
  const { context, prepared, signal } = run;
  const once = (roomBytes: number): Promise<RunEnding> =>
    context.storing(() => storePictures(run, enhanced, roomBytes));
  // The pictures are already in memory, within the reservation made before the call.
  if (enhanced.kind === "pictures") {
    return await storeInHand(run, {
      once: () => once(MOST_RESULT_BYTES),
      keep: () => keepPictures(run, enhanced.pictures),
    });
  }
  const ending = await withResultRoom(context.resultMemory, expectedBytes(prepared), signal, once);
  return await beforeGivingUp(run, ending);
}

async function storePictures(run: PreparedRun, enhanced: Enhanced, roomBytes: number): Promise<RunEnding> {
  const { context, claim, prepared, signal } = run;
  const { source, row } = prepared;
  context.destinations.check(claim.spec, row.destination);
  const [main, ...further] = picturesOf(run, enhanced);
  const fetched = await fetchMain(run, main, roomBytes);
  if (fetched.kind !== "ok") {
    return run.take(resultFailed(run.receipt, { ...fetched, gone: fetched.kind === "gone" }, run.limits));
  }
  const { bytes } = fetched;
  const takesBytes = finishingBytes(
    bytes.length,
    source === undefined ? undefined : { ...source.probe, sizeBytes: source.sizeBytes },
  );
  const work = (): Promise<RunEnding> => finishAndPut(run, { bytes, further, roomBytes, ...enhanced });
  return await context.pictureMemory.use(takesBytes, work, signal);
}

/** The link of a main picture that an earlier run stored may have expired. */
async function fetchMain(
  run: PreparedRun,
  main: OfferedPicture | undefined,
  roomBytes: number,
): Promise<FetchedPicture> {
  const { row, destination, isStored } = run.prepared;
  if (main === undefined) return { kind: "gone", message: "the provider answered without a picture" };
  const fetched = await main.fetch(roomBytes);
  // Without a network, the variations could not be fetched either.
  if (fetched.kind === "failed") await waitForNetwork(run, fetched);
  if (!isStored || (fetched.kind === "ok" && isWholePicture(fetched.bytes))) return fetched;
  const { info, body } = await destination.get(row.destination, { signal: run.signal });
  if (info.sizeBytes <= roomBytes) return { kind: "ok", bytes: await readAll(body, roomBytes, info.sizeBytes) };
  body.on("error", () => undefined).destroy();
  const more = largerRoom(roomBytes, info.sizeBytes);
  if (more !== undefined) throw new NeedsRoom(more);
  return { kind: "gone", message: tooLargeMessage(info.sizeBytes) };
}
