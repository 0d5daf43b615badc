import { expect, it } from "vitest";
import { checkDestinationPlaceholders } from "./destination-placeholders.ts";

it.each([
  ["s3://studio/done/", false],
  ["s3://studio/done/{date}/", true],
  ["file:///photos/done/%7Bdate%7D/", true],
  ["s3://studio/100%/", false],
] as const)("accepts %s (scheduled: %s)", (destination, isScheduled) => {
  expect(() => checkDestinationPlaceholders(destination, { isScheduled })).not.toThrow();
});

it.each([
  ["s3://studio/done/{datum}/", true, "uses {datum}, which it does not know; did you mean {date}?"],
  ["s3://studio/done/{Date}/", true, "did you mean {date}?"],
  ["file:///photos/nachts/%7Bdatum%7D/", true, "uses {datum}, which it does not know; did you mean {date}?"],
  ["s3://studio/{department}/{date}/", true, "uses {department}, which it does not know; name a folder"],
  [
    "s3://studio/done/{date}/",
    false,
    "uses {date}, which it does not know; name a folder without braces; only a schedule",
  ],
  ["file:///photos/%7Bname%7D/", false, "Placeholders for a photo, such as {name}, belong in the template."],
] as const)("rejects %s (scheduled: %s): %s", (destination, isScheduled, words) => {
  expect(() => checkDestinationPlaceholders(destination, { isScheduled })).toThrow(words);
});
