import { expect, it } from "vitest";
import { withOptionName } from "./option-names.ts";

it.each([
  ["maxCostUsd: there is no price", "--max-cost: there is no price"],
  ["--deliveries: each delivery may be named once.", "--deliver: each delivery may be named once."],
  ["codes: portraits that ended so\ncannot be tried again", "--code: portraits that ended so\ncannot be tried again"],
  ["The API at http://127.0.0.1:1 cannot be reached", "The API at http://127.0.0.1:1 cannot be reached"],
  ["Give a maxCostUsd of more than 1.4, or cancel it.", "Give a --max-cost of more than 1.4, or cancel it."],
  ["Resume it with a higher maxCostUsd.", "Resume it with a higher --max-cost."],
  [
    "baseUrl: give baseUrl (--base), or manifestSources (--manifest-sources)",
    "--base: give --base, or --manifest-sources",
  ],
  ["the photos are unknown: give `baseUrl`", "the photos are unknown: give `--base`"],
  ["/in/maxCostUsd/timeZone.jpg: 3 deliveries, codes", "/in/maxCostUsd/timeZone.jpg: 3 deliveries, codes"],
  ["constructor: x", "constructor: x"],
  ["source: there is no such folder", "source: there is no such folder"],
])("%s", (message, shown) => {
  expect(withOptionName(message)).toBe(shown);
});
