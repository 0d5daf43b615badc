import type { OutcomeCode } from "../report/outcome.ts";
import { pictureLinks } from "./call.ts";
import { lastCall, type Receipt } from "./receipt.ts";

/** Prefix of a kept picture's key, where a receipt otherwise has a link. */
const KEPT = "kept:";

/**
 * Returns a receipt's reference to a paid picture that arrived within an answer and could not be stored at its key. The
 * picture is kept in the batch's own folder and fetched from there, as other pictures are from their links.
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

/** Returns the keys of a portrait's kept pictures, the main one first. */
export function keptKeysOf(receipt: Pick<Receipt, "calls">): readonly string[] {
  const call = lastCall(receipt);
  return call === undefined ? [] : pictureLinks(call).flatMap((link) => keptKeyOf(link) ?? []);
}

/** Formats an ordered picture that is not at its key, with the key of the kept copy, if any. */
export function undeliveredPart(part: string, keptKey?: string): string {
  return keptKey === undefined ? part : `${part}: ${keptKey}`;
}

/** Returns the kept pictures of a portrait that ends this way; none if it was delivered. */
export function keptAtEnd(code: OutcomeCode, receipt: Pick<Receipt, "calls">): readonly string[] {
  if (code === "ok" || code === "already_delivered") return [];
  const nameOf = (place: number): string => (place === 0 ? "main" : `variation-${place + 1}`);
  return keptKeysOf(receipt).map((key, place) => undeliveredPart(nameOf(place), key));
}
