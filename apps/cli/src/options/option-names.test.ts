import { expect, it } from "vitest";
import { withOptionName } from "./option-names.ts";

it.each([
  ["maxCostUsd: there is no price", "--max-cost: there is no price"],
  ["--deliveries: each delivery may be named once.", "--deliver: each delivery may be named once."],
  ["codes: portraits that ended so\ncannot be tried again", "--code: portraits that ended so\ncannot be tried again"],
  ["The API at http://127.0.0.1:1 cannot be reached", "The API at http://127.0.0.1:1 cannot be reached"],
  ["constructor: x", "constructor: x"],
  ["source: there is no such folder", "source: there is no such folder"],
])("%s", (message, shown) => {
  expect(withOptionName(message)).toBe(shown);
});
