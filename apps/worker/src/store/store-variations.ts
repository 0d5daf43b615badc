import { setTimeout as sleep } from "node:timers/promises";
import { givenPictureText, RESULT_METADATA, undeliveredPart, variationKey, type GivenPicture } from "@darkroom/core";
import { finishResult, type FinishRequest } from "@darkroom/imaging";
import type { OfferedPicture } from "../enhance/enhanced-pictures.ts";
import { faultyLook, whoseFault } from "./judge-result.ts";
import { storeExtra, type ResultTarget, type StoredExtras } from "./store-extra.ts";

/** Fetches of a variation in one run. */
const TRIES = 3;
const BETWEEN_TRIES_MS = 500;

/** The result of storing the variations. */
export interface StoredVariations extends StoredExtras {
  /** Why a variation could not be fetched although its link may still work. */
  readonly failing?: string;
  /** Digests of the complete variations; see core's `GivenPicture`. */
  readonly digests: readonly string[];
}

/** The variations in an answer. */
export interface FurtherPictures {
  readonly pictures: readonly OfferedPicture[];
  /** Memory reserved for each variation. */
  readonly roomBytes: number;
  /**
   * Compares a variation with the pictures of other portraits.
   *
   * @param bytes as fetched
   * @param number 2 for the first variation
   */
  readonly compare: (bytes: Uint8Array, number: number) => Promise<Compared>;
  /**
   * Stores a variation whose key was refused in the batch's folder and returns its new key, or undefined if that fails.
   */
  readonly keep: (bytes: Uint8Array) => Promise<string | undefined>;
}

/** The result of comparing a variation. */
interface Compared {
  readonly given: GivenPicture;
  /** A warning when another photo's portrait received the same picture. */
  readonly shared?: string;
}

/**
 * Checks, finishes and stores the variations beside the main picture. A bad variation becomes a warning, not a failure.
 * A good variation whose key is refused is kept in the batch's folder, because it is paid for.
 *
 * @param wished pictures ordered, including the main one
 */
export async function storeVariations(
  target: ResultTarget,
  wished: number,
  { pictures: further, roomBytes, compare, keep }: FurtherPictures,
  checks: Omit<FinishRequest, "resultBytes">,
): Promise<StoredVariations> {
  let failing: string | undefined;
  const keys: string[] = [];
  const warnings: string[] = [];
  const digests: string[] = [];
  const undelivered: string[] = [];
  // Keys are reserved only for the ordered number of pictures.
  const offered = further.slice(0, wished - 1);
  if (offered.length < wished - 1) {
    warnings.push(`the provider returned ${offered.length + 1} of the ${wished} ordered pictures`);
    for (let number = offered.length + 2; number <= wished; number += 1) undelivered.push(partOf(number));
  }
  for (const [place, picture] of offered.entries()) {
    const number = place + 2;
    const finished = await finishPatiently(picture, roomBytes, checks, target.signal);
    if (finished.failing === true) failing = finished.message;
    if (!finished.ok) {
      warnings.push(`picture ${number} was not stored: ${finished.message}`);
      undelivered.push(partOf(number));
      continue;
    }
    const compared = await compare(finished.fetched, number);
    digests.push(compared.given.digest);
    if (compared.shared !== undefined) {
      warnings.push(`picture ${number} was not stored: ${compared.shared}`);
      // The variation may show another person, so it is not kept.
      undelivered.push(partOf(number));
      continue;
    }
    const key = variationKey(target.row.destination, number);
    const metadata = { [RESULT_METADATA.given]: givenPictureText(compared.given) };
    const taken = await storeExtra(target, key, partOf(number), { ...finished, metadata });
    if (taken === undefined) keys.push(key);
    else undelivered.push(undeliveredPart(partOf(number), await keep(finished.bytes)));
    const seen = finished.warnings.map((warning) => `picture ${number}: ${warning}`);
    warnings.push(...(taken === undefined ? seen : [taken]));
  }
  return { keys, warnings, undelivered, digests, ...(failing === undefined ? {} : { failing }) };
}

function partOf(number: number): string {
  return `variation-${number}`;
}

type Finished = Extract<Awaited<ReturnType<typeof finishResult>>, { readonly ok: true }>;
type FurtherPicture =
  | (Finished & { readonly fetched: Uint8Array; readonly failing?: undefined })
  | {
      readonly ok: false;
      readonly message: string;
      /** The failure may be transient, so the link may still work. */
      readonly failing: boolean;
    };

/** Fetches a variation until it is usable, or until the fetch returned the same unusable picture twice. */
async function finishPatiently(
  picture: OfferedPicture,
  roomBytes: number,
  checks: Omit<FinishRequest, "resultBytes">,
  signal: AbortSignal,
): Promise<FurtherPicture> {
  let before: string | undefined;
  for (let tried = 1; ; tried += 1) {
    const fetched = await picture.fetch(roomBytes);
    if (fetched.kind === "gone") return { ok: false, message: fetched.message, failing: false };
    let { message } = fetched.kind === "failed" ? fetched : { message: "" };
    if (fetched.kind === "ok") {
      const finished = await finishResult({ ...checks, resultBytes: fetched.bytes });
      if (finished.ok) return { ...finished, fetched: fetched.bytes };
      const look = faultyLook(fetched.bytes);
      if (whoseFault(before, look) === "provider") return { ok: false, message: finished.message, failing: false };
      before = look.digest;
      ({ message } = finished);
    }
    if (tried === TRIES) return { ok: false, message, failing: true };
    await sleep(BETWEEN_TRIES_MS, undefined, { signal });
  }
}
