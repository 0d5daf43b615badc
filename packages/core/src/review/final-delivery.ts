import type { ObjectHead } from "../delivery/object-store.ts";
import { extensionOf, renderTemplate, safeKey, sourceFields } from "../delivery/destination.ts";
import { RESULT_METADATA } from "../delivery/result-metadata.ts";
import type { PortraitRow } from "../batch/portrait.ts";
import type { ReviewStanding } from "./review.ts";

/** The key of the metadata that marks an approved result's copy. Its value is the line of the log that approved it. */
export const DELIVERED_LINE = "darkroom-delivered";

/**
 * Returns the key of a portrait's final copy. The template is filled from the result's key (`{path}`, `{name}`,
 * `{ext}`), `{id}`, `{index}` and the manifest's columns. The copy keeps the result's extension.
 *
 * @param template undefined for the result's own key
 * @throws DarkroomError `invalid_input` for a column that the row does not have, and for an invalid key
 */
export function finalKey(
  template: string | undefined,
  row: Pick<PortraitRow, "index" | "id" | "destination" | "carried">,
): string {
  if (template === undefined) return safeKey(row.destination);
  const own = { ...sourceFields(row.destination), id: row.id, index: String(row.index) };
  const filled = renderTemplate(template, { ...row.carried, ...own });
  const extension = extensionOf(row.destination);
  const fits = extension === "" || extensionOf(filled) === extension;
  return safeKey(fits ? filled : `${filled}.${extension}`);
}

/**
 * The object at the key of a final copy: none, this portrait's copy with this or an earlier content, or an unrelated
 * file.
 */
export type AtFinalKey = "nothing" | "same" | "earlier" | "others";

/** The final copy of a portrait's picture. */
export interface FinalCopy {
  readonly batchId: string;
  readonly index: number;
  /** SHA-256 of its content in hex; undefined if only the owner is compared. */
  readonly digest?: string;
  /** The name of a cut. */
  readonly part?: string;
}

/** Classifies the object at the key of a final copy by its head. */
export function whatIsAtFinalKey(head: Pick<ObjectHead, "metadata"> | undefined, copy: FinalCopy): AtFinalKey {
  if (head === undefined) return "nothing";
  const { metadata } = head;
  const isOwn =
    metadata[DELIVERED_LINE] !== undefined &&
    metadata[RESULT_METADATA.batch] === copy.batchId &&
    metadata[RESULT_METADATA.portrait] === String(copy.index) &&
    metadata[RESULT_METADATA.part] === copy.part;
  if (!isOwn) return "others";
  return metadata[RESULT_METADATA.sha256] === copy.digest ? "same" : "earlier";
}

/** What a delivery does with a portrait: copies its result, removes an earlier copy, or does nothing. */
export type FinalAction = "copy" | "remove" | "none";

/** The final place contains only approved results. A portrait without any decision was never copied. */
export function finalAction({ state, line }: ReviewStanding): FinalAction {
  if (state === "approved") return "copy";
  return line > 0 ? "remove" : "none";
}
