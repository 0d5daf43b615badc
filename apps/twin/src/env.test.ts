import { expect, it } from "vitest";
import { DEFAULT_TWIN_PORT, readEnv } from "./env.ts";

it("treats an empty variable as unset", () => {
  expect(readEnv({ DARKROOM_TWIN_PORT: "", DARKROOM_TWIN_HOST: "" })).toMatchObject({
    port: DEFAULT_TWIN_PORT,
    host: "127.0.0.1",
  });
});

it("reads a latency as one time or as a range", () => {
  expect(readEnv({ DARKROOM_TWIN_LATENCY_MS: "3000" }).latencyMs).toEqual([3_000, 3_000]);
  expect(readEnv({ DARKROOM_TWIN_LATENCY_MS: "5000-20000" }).latencyMs).toEqual([5_000, 20_000]);
});

it("reads the ids of profiles, or none", () => {
  expect(readEnv({ DARKROOM_TWIN_PROFILES: "anna, ben," }).profiles).toEqual(["anna", "ben"]);
  expect(readEnv({ DARKROOM_TWIN_PROFILES: "" }).profiles).toBeUndefined();
});

it("names every invalid variable", () => {
  expect(() => readEnv({ DARKROOM_TWIN_PORT: "x", DARKROOM_TWIN_CLOCK: "0", DARKROOM_TWIN_LATENCY_MS: "5s" })).toThrow(
    /DARKROOM_TWIN_PORT[^]*DARKROOM_TWIN_LATENCY_MS[^]*DARKROOM_TWIN_CLOCK/,
  );
});
