import { ledgerScript } from "./ledger-script.ts";

export const authorize = ledgerScript("money/authorize", [
  "i",
  "token",
  "receipt",
  "summary",
  "keeps",
  "incurred",
  "lane",
  "account",
  "ordered",
  "former",
  "refused",
]);
export const leaveUnfunded = ledgerScript("money/leave-unfunded", ["i", "token", "receipt", "summary", "recalled"]);
export const pauseAtBudget = ledgerScript("money/pause-at-budget", []);
