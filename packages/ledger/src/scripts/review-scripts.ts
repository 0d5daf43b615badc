import { ledgerScript } from "./ledger-script.ts";

export const recordReview = ledgerScript("review/record-review", ["line", "event"], ["i", "value", "state"]);
export const adoptReview = ledgerScript("review/adopt-review", ["number", "line", "event"], ["i", "state"]);
export const noteStoredReviews = ledgerScript("review/note-stored-reviews", ["stored"]);
