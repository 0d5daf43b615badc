import { expect, it } from "vitest";
import * as scripts from "./index.ts";
import { ledgerScript } from "./ledger-script.ts";

const all = Object.entries(scripts).flatMap(([name, script]) =>
  typeof script === "object" && "keys" in script ? [[name, script.keys] as const] : [],
);

it("a script gets the keys that it uses, also those of its helpers, and no other", () => {
  expect(ledgerScript([], "return redis.call('HGET', meta, 'x')").keys).toEqual(["meta"]);
  expect(ledgerScript(["i"], "-- of no claims\nreturn stateOf(i)").keys).toEqual(["states"]);
  expect(ledgerScript(["i"], "return dropReceipt(i)").keys).toEqual(["meta", "receipts"]);
});

it("every script has a key, by which a cluster finds its node", () => {
  expect(all.length).toBeGreaterThan(20);
  expect(all.filter(([, keys]) => keys.length === 0)).toEqual([]);
});
