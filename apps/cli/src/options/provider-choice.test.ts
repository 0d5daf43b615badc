import { expect, it } from "vitest";
import { readEnv } from "../environment/env.ts";
import { chooseProvider, providerForLane } from "./provider-choice.ts";

const none = readEnv({}, "/");
const withKey = readEnv({ EACHLABS_API_KEY: "k" }, "/");
const withTwin = readEnv({ EACHLABS_API_KEY: "k", DARKROOM_TWIN: "true" }, "/");

it("prefers the simulator when it is requested, and names both alternatives when there is no provider", () => {
  expect(chooseProvider(withKey, false)).toBe("key");
  expect(chooseProvider(withKey, true)).toBe("twin");
  expect(chooseProvider(withTwin, false)).toBe("twin");
  expect(() => chooseProvider(none, false)).toThrow(/EACHLABS_API_KEY.*--twin/s);
});

it("requires the key of the recipe's provider, and names the other one that is available", () => {
  const withPhota = readEnv({ PHOTA_API_KEY: "p" }, "/");
  expect(chooseProvider(withPhota, false)).toBe("key");
  expect(chooseProvider(withPhota, false, "phota")).toBe("key");
  expect(chooseProvider(withKey, true, "phota")).toBe("twin");
  expect(() => chooseProvider(withPhota, false, "each-sense")).toThrow(/EACHLABS_API_KEY.*--provider phota.*--twin/s);
  expect(() => chooseProvider(withKey, false, "phota")).toThrow(/PHOTA_API_KEY.*--provider each-sense.*--twin/s);
  expect(() => chooseProvider(none, false, "phota")).toThrow(/PHOTA_API_KEY.*--twin/s);
});

it("keeps Phota's lanes separate, too", () => {
  expect(providerForLane(withKey, false, "twin-phota")).toBe("twin");
  expect(() => providerForLane(withKey, false, "phota")).toThrow(/PHOTA_API_KEY/);
  expect(() => providerForLane(withTwin, false, "phota")).toThrow(/not for the twin.*PHOTA_API_KEY/);
});

it("never lets the paid account continue a simulated batch", () => {
  expect(providerForLane(withKey, false, "twin")).toBe("twin");
  expect(providerForLane(none, false, "twin")).toBe("twin");
  expect(providerForLane(withKey, false, "twin-b")).toBe("twin");
});

it("never lets the simulator continue a batch of the paid account", () => {
  expect(providerForLane(withKey, false, "each-sense")).toBe("key");
  expect(() => providerForLane(withKey, true, "each-sense")).toThrow(/not for the twin/);
  expect(() => providerForLane(withTwin, false, "each-sense")).toThrow(/not for the twin/);
  expect(() => providerForLane(none, false, "each-sense")).toThrow(/EACHLABS_API_KEY/);
});
