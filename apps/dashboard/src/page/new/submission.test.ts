import { expect, test } from "vitest";
import { submissionOf, type Choices } from "./submission.ts";

const choices: Choices = {
  preset: "professional-polish",
  mode: "max",
  provider: "each-sense",
  name: " Team ",
  budget: "",
  pilot: "",
  skipsBadRows: false,
  destination: "",
  source: "",
};
const upload = { source: "s3://up/photos/", destination: "s3://up/results/" };
const recipe = { preset: "professional-polish", mode: "max", provider: "each-sense" };

test.each([
  ["uploaded photos", {}, upload, false, { ...upload, name: "Team", recipe }],
  [
    "a list of uploaded photos",
    { skipsBadRows: true },
    upload,
    true,
    { baseUrl: upload.source, destination: upload.destination, name: "Team", recipe, skipBadRows: true },
  ],
  [
    "photos in a store, with a budget and a pilot",
    { source: "s3://a/in/", destination: " s3://a/out/ ", budget: "4.5", pilot: "3" },
    undefined,
    false,
    { source: "s3://a/in/", destination: "s3://a/out/", name: "Team", recipe, maxCostUsd: 4.5, pilot: 3 },
  ],
  [
    "a provider without modes",
    { provider: "phota", name: "" },
    upload,
    false,
    { ...upload, recipe: { preset: "professional-polish", provider: "phota" } },
  ],
] as const)("submits %s", (_, change, places, hasList, expected) => {
  expect(submissionOf({ ...choices, ...change }, places, hasList)).toEqual(expected);
});
