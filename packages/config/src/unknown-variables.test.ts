import { expect, it } from "vitest";
import { SETTINGS } from "./catalogue.ts";
import { misspeltVariables, unknownVariables } from "./unknown-variables.ts";

it("names a misspelt variable and the setting that was meant", () => {
  expect(unknownVariables({ DARKROOM_PRICEZ: "{}", DARKROOM_COLOUR_OF_THE_WALL: "red" })).toEqual([
    "DARKROOM_PRICEZ is not a setting of Darkroom and is ignored; did you mean DARKROOM_PRICES?",
    "DARKROOM_COLOUR_OF_THE_WALL is not a setting of Darkroom and is ignored",
  ]);
});

it("names variables with a misspelt prefix, and ignores those of other programs", () => {
  const names = ["DARKROM_ATTEMPTS", "EACHLAB_API_KEY", "DARKROOM_PRICES", "NODE_ENV", "FTP_PROXY", "AWS_PROFILE"];
  expect([...misspeltVariables(names).values()]).toEqual([
    "DARKROM_ATTEMPTS is not a setting of Darkroom; did you mean DARKROOM_ATTEMPTS?",
    "EACHLAB_API_KEY is not a setting of Darkroom; did you mean EACHLABS_API_KEY?",
  ]);
});

it("accepts every setting, the simulator's and the tests' own variables, and other programs' variables", () => {
  const known = Object.fromEntries(Object.keys(SETTINGS).map((name) => [name, "x"]));
  const others = { DARKROOM_TWIN_PORT: "1", DARKROOM_TEST_S3: "off", PATH: "/bin", DARKTABLE_PRICES: "1" };
  expect(unknownVariables({ ...known, ...others })).toEqual([]);
});
