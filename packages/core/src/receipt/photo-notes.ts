import { PHOTO_WARNINGS, type PhotoWarning } from "../likeness/photo-faces.ts";
import { withoutFields } from "./change-calls.ts";
import type { Receipt } from "./receipt.ts";

const TEXTS: ReadonlySet<string> = new Set(Object.values(PHOTO_WARNINGS));

/** Replaces the receipt's notes about the photo, so that warnings about an earlier photo do not remain. */
export function withPhotoWarnings(receipt: Receipt, warnings: readonly PhotoWarning[]): Receipt {
  const others = (receipt.notes ?? []).filter((note) => !TEXTS.has(note));
  const notes = [...others, ...warnings.map((warning) => PHOTO_WARNINGS[warning])];
  return notes.length === 0 ? withoutFields(receipt, "notes") : { ...receipt, notes };
}
