import type { OutcomeCode } from "../report/outcome.ts";
import { pictureLinks } from "./call.ts";
import { lastCall, type Receipt } from "./receipt.ts";

/** Before the key of a kept picture, where a receipt has links. */
const KEPT = "kept:";

/**
 * How a receipt names a paid picture that came within an answer and could not be put in its place: it is kept under the
 * batch's own folder, and is fetched from there as another is by its link.
 *
 * @param key under the destination
 */
export function keptLink(key: string): string {
  return `${KEPT}${key}`;
}

/** @returns the key of a kept picture; undefined for a link of the web */
export function keptKeyOf(link: string): string | undefined {
  return link.startsWith(KEPT) ? link.slice(KEPT.length) : undefined;
}

/** The keys of the pictures that are kept for a portrait, in their order: the main one first. */
export function keptKeysOf(receipt: Pick<Receipt, "calls">): readonly string[] {
  const call = lastCall(receipt);
  return call === undefined ? [] : pictureLinks(call).flatMap((link) => keptKeyOf(link) ?? []);
}

/** What of a portrait's pictures is not where it was ordered, each with the key of what is kept of it, if anything. */
export function undeliveredPart(part: string, keptKey?: string): string {
  return keptKey === undefined ? part : `${part}: ${keptKey}`;
}

/** What is kept of a portrait that ends so; nothing where it was delivered. */
export function keptAtEnd(code: OutcomeCode, receipt: Pick<Receipt, "calls">): readonly string[] {
  if (code === "ok" || code === "already_delivered") return [];
  const nameOf = (place: number): string => (place === 0 ? "main" : `variation-${place + 1}`);
  return keptKeysOf(receipt).map((key, place) => undeliveredPart(nameOf(place), key));
}
