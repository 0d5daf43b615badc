import { expect, test } from "vitest";
import { accountsInUse } from "./paid-or-twin.ts";

test("a provider that the simulator does not support has no account with the simulator, and is never paid by mistake", () => {
  const accounts = [{ provider: "each-sense" }, { provider: "phota" }] as const;
  const plays = { "each-sense": true, phota: false };
  expect(accountsInUse(accounts, true, plays)).toEqual([{ provider: "each-sense" }]);
  expect(accountsInUse(accounts, false, plays)).toEqual(accounts);
  // The simulator supports all current providers.
  expect(accountsInUse(accounts, true)).toEqual(accounts);
});
