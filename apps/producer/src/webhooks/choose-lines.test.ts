import { expect, test } from "vitest";
import { chooseLines, MOST_OF_ENDPOINT, MOST_OF_PRODUCER } from "./choose-lines.ts";

const none = { all: 0, retries: 0 };
const lines = (count: number, attempts: number) =>
  Array.from({ length: count }, (_, at) => ({ source: `${attempts}-${at}`, attempts }));

test.each([
  ["everything that fits", lines(3, 0), none, none, 3, 0],
  ["the endpoint's limit", lines(20, 0), none, none, MOST_OF_ENDPOINT, 0],
  ["half of the slots for retries", lines(20, 1), none, none, 0, MOST_OF_ENDPOINT / 2],
  ["first attempts before retries", [...lines(20, 1), ...lines(6, 0)], none, none, 6, 2],
  ["no retry beside four others", [...lines(20, 1), ...lines(1, 0)], { all: 4, retries: 4 }, none, 1, 0],
  ["nothing while the endpoint is busy", lines(5, 0), { all: 8, retries: 0 }, none, 0, 0],
  ["nothing while the producer is busy", lines(5, 0), none, { all: MOST_OF_PRODUCER, retries: 0 }, 0, 0],
  [
    "first attempts while retries are at the limit",
    [...lines(5, 1), ...lines(5, 0)],
    none,
    { all: 130, retries: 128 },
    5,
    0,
  ],
] as const)("%s", (_, due, endpoint, producer, first, again) => {
  const chosen = chooseLines(due, endpoint, producer);
  expect(chosen.filter(({ attempts }) => attempts === 0)).toHaveLength(first);
  expect(chosen.filter(({ attempts }) => attempts > 0)).toHaveLength(again);
});
