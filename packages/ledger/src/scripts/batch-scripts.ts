import { ledgerScript, orderScript } from "./ledger-script.ts";

export const createBatch = ledgerScript("batch/create-batch", ["spec", "createdAt"], ["field", "value"]);
export const forbidBatch = ledgerScript("batch/forbid-batch", ["keepMs"]);
export const forgetBatch = ledgerScript("batch/forget-batch", []);

export const pauseBatch = orderScript("batch/pause-batch", ["reason", "by"]);
export const resumeBatch = orderScript("batch/resume-batch", ["maxCostMicro", "checksSpent"]);
export const confirmBatch = orderScript("batch/confirm-batch", []);
export const approvePilot = orderScript("batch/approve-pilot", []);
export const stopBatch = orderScript("batch/stop-batch", ["reason", "stopCode", "endsRunning"]);
export const readAnswer = ledgerScript("batch/read-answer", ["id", "says"]);

export const choosePilot = ledgerScript("batch/choose-pilot", ["picks", "former"]);
export const endPilot = ledgerScript("batch/end-pilot", []);
export const divertBatch = ledgerScript("batch/divert-batch", ["fallback", "now", "madeFor"], ["i"]);

export const beginIngest = ledgerScript("batch/begin-ingest", ["now"]);
export const countPart = ledgerScript(
  "batch/count-part",
  ["fence", "part", "rowCount", "isEnd", "fault", "kinds", "note", "findings"],
  ["i", "line"],
);

export const acknowledgeOutcomes = ledgerScript("batch/acknowledge-outcomes", ["sequence", "after"]);
export const beginFinish = ledgerScript("batch/begin-finish", []);
export const endBatch = ledgerScript("batch/end-batch", [
  "round",
  "to",
  "reason",
  "now",
  "consistency",
  "likeness",
  "leftBehind",
  "hasReport",
]);
export const failBatch = ledgerScript("batch/fail-batch", ["reason", "now"]);

export const outnumberRevision = ledgerScript("batch/outnumber-revision", ["known"]);
export const noteStoredRevision = ledgerScript("batch/note-stored-revision", ["stored"]);
export const recount = ledgerScript("batch/recount", ["fix"]);
export const noteStall = ledgerScript("batch/note-stall", ["duty", "reason", "message", "firstMs", "mostMs"]);
export const noteCondition = ledgerScript("batch/note-condition", ["what", "cause", "data"]);
export const clearStall = ledgerScript("batch/clear-stall", ["duty"]);
