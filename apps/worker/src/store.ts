import { createHash } from "node:crypto";
import { formatOfKey, pictureStatsText, recipeHash, RESULT_METADATA } from "@darkroom/core";
import { finishResult } from "@darkroom/imaging";
import type { Claimed, LaneContext, WorkerContext } from "./context.ts";
import { rememberDelivery } from "./delivered.ts";
import { answered, outcomeOf, type Ending } from "./ending.ts";
import type { ReceiptBox } from "./receipt-box.ts";
import { beginsAlike } from "./beginning.ts";
import type { Enhanced } from "./enhance.ts";
import { measure } from "./measure.ts";
import type { Prepared } from "./prepare.ts";
import type { Download } from "./result-downloads.ts";
import { resultFailed } from "./retry.ts";

/** Fetches the paid picture at once, looks at it, and puts it where it belongs, marked with its fingerprint. */
export async function store(
  context: WorkerContext,
  { provider }: LaneContext,
  { spec, index, signal }: Claimed,
  prepared: Prepared,
  box: ReceiptBox,
  enhanced: Enhanced,
): Promise<Ending> {
  const { row, recipe, source, destination, pricePerTurnUsd } = prepared;
  const settle = (code: Parameters<typeof outcomeOf>[1], message: string): Ending => ({
    kind: "settle",
    outcome: outcomeOf(answered(box.current), code, message, pricePerTurnUsd),
  });
  const fetched = await pictureOf(context, enhanced, signal);
  if (fetched.kind !== "ok") {
    return resultFailed(context, box.current, fetched.message, fetched.kind === "gone", pricePerTurnUsd);
  }
  const same =
    source !== undefined && fetched.bytes.length === source.sizeBytes && beginsAlike(fetched.bytes, source.beginning);
  if (same) return settle("unchanged_output", "the provider gave the source back");
  const finished = await finishResult({
    resultBytes: fetched.bytes,
    ...(source === undefined ? {} : { source: { width: source.probe.width, height: source.probe.height } }),
    wishedFormat: formatOfKey(row.destination),
  });
  if (!finished.ok) return settle(finished.code, finished.message);
  const stats = await measure(context, finished.bytes);
  await destination.put(row.destination, finished.bytes, {
    contentType: finished.contentType,
    signal,
    metadata: {
      [RESULT_METADATA.fingerprint]: prepared.fingerprint,
      [RESULT_METADATA.batch]: spec.id,
      [RESULT_METADATA.portrait]: String(index),
      [RESULT_METADATA.provider]: provider.name,
      [RESULT_METADATA.recipe]: recipeHash(recipe),
      [RESULT_METADATA.sha256]: createHash("sha256").update(finished.bytes).digest("hex"),
      ...(stats === undefined ? {} : { [RESULT_METADATA.stats]: pictureStatsText(stats) }),
    },
  });
  await rememberDelivery(context, spec, prepared.fingerprint, row);
  return {
    kind: "settle",
    outcome: {
      ...outcomeOf(answered(box.current), "ok", "", pricePerTurnUsd),
      destination: row.destination,
      ...(stats === undefined ? {} : { stats }),
    },
  };
}

/** The main picture. */
async function pictureOf(context: WorkerContext, enhanced: Enhanced, signal: AbortSignal): Promise<Download> {
  const [picture] = enhanced.kind === "urls" ? enhanced.urls : enhanced.pictures;
  if (picture === undefined) return { kind: "gone", message: "the provider answered without a picture" };
  if (typeof picture === "string") return await context.downloads.fetch(picture, signal);
  return { kind: "ok", bytes: Buffer.from(picture.buffer, picture.byteOffset, picture.length) };
}
