import { ledgerScript } from "./ledger-script.ts";

export const peekPending = ledgerScript("portrait/peek-pending", ["limit", "lane"]);
export const markQueued = ledgerScript("portrait/mark-queued", ["epoch", "from", "to"], ["i"]);

export const claim = ledgerScript("portrait/claim", [
  "i",
  "token",
  "takeOver",
  "now",
  "rests",
  "served",
  "own",
  "lookMs",
  "mostStuck",
]);
export const reclaim = ledgerScript("portrait/reclaim", ["i", "token", "receipt", "summary", "round", "fence"]);
export const writeReceipt = ledgerScript("portrait/write-receipt", ["i", "token", "receipt", "summary"]);
export const confirmStore = ledgerScript("portrait/confirm-store", ["i", "token", "photo"], ["place", "digest"]);
export const countDeathAlone = ledgerScript("portrait/count-death-alone", ["i", "token"]);
export const leave = ledgerScript("portrait/leave", [
  "i",
  "token",
  "to",
  "receipt",
  "summary",
  "lane",
  "reason",
  "lookMs",
  "why",
]);
export const settle = ledgerScript("portrait/settle", [
  "i",
  "token",
  "to",
  "code",
  "line",
  "billed",
  "day",
  "lane",
  "cost",
  "lost",
  "maybe",
  "detailed",
]);

export const park = ledgerScript("portrait/park", ["i"]);
export const requeueLost = ledgerScript("portrait/requeue-lost", ["holdersAreDead"], ["i", "seenToken", "line"]);
export const cancelWaiting = ledgerScript("portrait/cancel-waiting", [], ["i", "line"]);
export const endStopped = ledgerScript(
  "portrait/end-stopped",
  ["day"],
  ["i", "receiptSha1", "code", "line", "billed", "lane", "cost", "lost", "maybe"],
);
export const dropStrays = ledgerScript("portrait/drop-strays", [], ["i"]);
