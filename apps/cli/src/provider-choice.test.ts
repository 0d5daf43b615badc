import { expect, it } from "vitest";
import { readEnv } from "./env.ts";
import { chooseProvider, providerForLane } from "./provider-choice.ts";

const none = readEnv({}, "/");
const withKey = readEnv({ EACHLABS_API_KEY: "k" }, "/");
const withTwin = readEnv({ EACHLABS_API_KEY: "k", DARKROOM_TWIN: "true" }, "/");

it("prefers the twin wherever it is wished, and refuses with both ways out when there is nobody", () => {
  expect(chooseProvider(withKey, false)).toBe("key");
  expect(chooseProvider(withKey, true)).toBe("twin");
  expect(chooseProvider(withTwin, false)).toBe("twin");
  expect(() => chooseProvider(none, false)).toThrow(/EACHLABS_API_KEY.*--twin/s);
});

it("never lets the paid account go on with a batch of the twin", () => {
  expect(providerForLane(withKey, false, "twin")).toBe("twin");
  expect(providerForLane(none, false, "twin")).toBe("twin");
  expect(providerForLane(withKey, false, "twin-b")).toBe("twin");
});

it("never lets the twin go on with a batch of the paid account", () => {
  expect(providerForLane(withKey, false, "each-sense")).toBe("key");
  expect(() => providerForLane(withKey, true, "each-sense")).toThrow(/not for the twin/);
  expect(() => providerForLane(withTwin, false, "each-sense")).toThrow(/not for the twin/);
  expect(() => providerForLane(none, false, "each-sense")).toThrow(/EACHLABS_API_KEY/);
});
