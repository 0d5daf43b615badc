import { readFileSync } from "node:fs";
import { messageOf, PRICE_TABLE_EXAMPLE, readPriceTable, type PriceTable } from "@darkroom/core";
import type { EnvironmentReader } from "./read-environment.ts";

/** Returns the price table from a variable or a file; empty if neither is set. */
export function readPrices(read: EnvironmentReader): PriceTable {
  const text = read.text("DARKROOM_PRICES");
  const path = read.text("DARKROOM_PRICES_FILE");
  if (text !== undefined && path !== undefined) {
    read.problem("DARKROOM_PRICES_FILE", "unset when DARKROOM_PRICES is set: there is one price table");
    return {};
  }
  if (text !== undefined) return parse(read, "DARKROOM_PRICES", `JSON like ${PRICE_TABLE_EXAMPLE}`, text);
  if (path === undefined) return {};
  try {
    const expected = `a file of JSON like ${PRICE_TABLE_EXAMPLE}`;
    return parse(read, "DARKROOM_PRICES_FILE", expected, readFileSync(path, "utf8"));
  } catch (error) {
    read.problem("DARKROOM_PRICES_FILE", `a readable file (${messageOf(error)})`);
    return {};
  }
}

function parse(
  read: EnvironmentReader,
  name: "DARKROOM_PRICES" | "DARKROOM_PRICES_FILE",
  expected: string,
  text: string,
): PriceTable {
  const found = readPriceTable(text);
  if ("table" in found) return found.table;
  read.problem(name, `${expected} (${found.problem})`);
  return {};
}
