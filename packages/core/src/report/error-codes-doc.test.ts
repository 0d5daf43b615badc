import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { ERROR_MEANINGS } from "../error-meanings.ts";
import { ERROR_CODES } from "../errors.ts";
import { OUTCOME_CODES, OUTCOMES } from "./outcome.ts";

/** Returns the rows of the first table under a heading, without its header and without backticks. */
async function tableUnder(heading: string): Promise<string[][]> {
  const doc = await readFile(new URL("../../../../docs/error-codes.md", import.meta.url), "utf8");
  const section = doc.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("|"));
  return rows.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim().replaceAll("`", "")),
  );
}

test("the docs list every error code, in order, with what to do, and no others", async () => {
  const rows = await tableUnder("Errors");
  expect(rows.map(([code]) => code)).toEqual([...ERROR_CODES]);
  expect(rows.filter((row) => row.length !== 3 || row.includes(""))).toEqual([]);
  const plain = (cell = ""): string => cell.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1");
  expect(rows.map(([, meaning, advice]) => ({ meaning: plain(meaning), advice: plain(advice) }))).toEqual(
    ERROR_CODES.map((code) => ERROR_MEANINGS[code]),
  );
});

test("the docs list every outcome, in order, with the code's state, retryability and meaning, and no others", async () => {
  const rows = await tableUnder("Outcomes");
  expect(rows.map((row) => row.slice(0, 4))).toEqual(
    OUTCOME_CODES.map((code) => {
      const { state, retryable, meaning } = OUTCOMES[code];
      return [code, state, retryable ? "yes" : "no", meaning];
    }),
  );
  expect(rows.filter((row) => row.length !== 5 || row[4] === "")).toEqual([]);
});
