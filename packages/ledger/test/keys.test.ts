import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { batchLedgerKeys, sharedKeys } from "../src/index.ts";

const page = readFileSync(join(import.meta.dirname, "../../../docs/architecture.md"), "utf8");
const section = page.split("\n## The ledger's keys\n")[1]?.split("\n## ")[0] ?? "";
const listed = [...section.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell = ""]) =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, key = ""]) => key),
);

/** In the notation of the page, a variable part is `<its meaning>`. */
const ofBatch = Object.values(batchLedgerKeys("ns", "batch"));
const shared = Object.values(sharedKeys("ns")).flatMap((key) =>
  typeof key === "object" ? Object.values(key) : [typeof key === "string" ? key : key("<>")],
);

it("docs/architecture.md lists every key of the ledger", () => {
  const known = new Set(listed.map((key) => key.replace(/<[^>]+>/, "<>")));
  expect([...ofBatch, ...shared].filter((key) => !known.has(key))).toEqual([]);
});

it("docs/architecture.md lists no key of a batch that the ledger does not use", () => {
  const known: readonly string[] = ofBatch;
  expect(listed.filter((key) => key.startsWith("ns:{batch}:") && !known.includes(key))).toEqual([]);
});
