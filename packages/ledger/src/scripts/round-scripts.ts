import { ledgerScript, orderScript } from "./ledger-script.ts";

export const beginRound = orderScript("round/begin-round", ["roundJson", "again", "reviewJson"], ["otherJson"]);
export const adoptRounds = ledgerScript("round/adopt-rounds", ["firstNumber"], ["roundJson"]);
export const markAgain = ledgerScript("round/mark-again", ["number", "at"]);
export const reopen = ledgerScript("round/reopen", ["number"], ["i", "code", "round"]);
export const endReopening = ledgerScript("round/end-reopening", ["number"]);
