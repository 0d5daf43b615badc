import { expect, test } from "vitest";
import { accountsInUse } from "./paid-or-twin.ts";

test("a provider that the twin does not play has no account where the twin does the work, and is never paid by mistake", () => {
  const accounts = [{ provider: "each-sense" }, { provider: "phota" }] as const;
  const plays = { "each-sense": true, phota: false };
  expect(accountsInUse(accounts, true, plays)).toEqual([{ provider: "each-sense" }]);
  expect(accountsInUse(accounts, false, plays)).toEqual(accounts);
  // Of the providers that there are it plays all.
  expect(accountsInUse(accounts, true)).toEqual(accounts);
});
