import type { OutcomeCode } from "../report/outcome.ts";
import { pictureLinks } from "./call.ts";
import { lastCall, type Receipt } from "./receipt.ts";

/** Prefix of a kept picture's key, in place of a link in the receipt. */
const KEPT = "kept:";

/**
 * A receipt's reference to a paid picture that arrived within an answer and could not be stored at its key: it is kept
 * in the batch's own folder, and fetched from there like others from their links.
 *
 * @param key under the destination
 */
export function keptLink(key: string): string {
  return `${KEPT}${key}`;
}

/** @returns the key of a kept picture; undefined for a web link */
export function keptKeyOf(link: string): string | undefined {
  return link.startsWith(KEPT) ? link.slice(KEPT.length) : undefined;
}

/** Keys of a portrait's kept pictures, in order: the main one first. */
export function keptKeysOf(receipt: Pick<Receipt, "calls">): readonly string[] {
  const call = lastCall(receipt);
  return call === undefined ? [] : pictureLinks(call).flatMap((link) => keptKeyOf(link) ?? []);
}

/** Ordered pictures that are not at their key, each with the key of the kept copy, if any. */
export function undeliveredPart(part: string, keptKey?: string): string {
  return keptKey === undefined ? part : `${part}: ${keptKey}`;
}

/** Kept pictures of a portrait that ends this way; none if it was delivered. */
export function keptAtEnd(code: OutcomeCode, receipt: Pick<Receipt, "calls">): readonly string[] {
  if (code === "ok" || code === "already_delivered") return [];
  const nameOf = (place: number): string => (place === 0 ? "main" : `variation-${place + 1}`);
  return keptKeysOf(receipt).map((key, place) => undeliveredPart(nameOf(place), key));
}
