import { expect, test } from "vitest";
import { chooseLines, MOST_OF_ENDPOINT, MOST_OF_PRODUCER, MOST_OF_TENANT, type Busy } from "./choose-lines.ts";

const none = { all: 0, retries: 0 };
const lines = (count: number, attempts: number) =>
  Array.from({ length: count }, (_, at) => ({ source: `${attempts}-${at}`, attempts }));

test.each([
  ["everything that fits", lines(3, 0), {}, 3, 0],
  ["the endpoint's limit", lines(20, 0), {}, MOST_OF_ENDPOINT, 0],
  ["half of the slots for retries", lines(20, 1), {}, 0, MOST_OF_ENDPOINT / 2],
  ["first attempts before retries", [...lines(20, 1), ...lines(6, 0)], {}, 6, 2],
  ["no retry beside four others", [...lines(9, 1), ...lines(1, 0)], { endpoint: { all: 4, retries: 4 } }, 1, 0],
  ["nothing while the endpoint is busy", lines(5, 0), { endpoint: { all: 8, retries: 0 } }, 0, 0],
  ["what the tenant has left", lines(5, 0), { tenant: { all: MOST_OF_TENANT - 2, retries: 0 } }, 2, 0],
  ["first attempts only", [...lines(5, 1), ...lines(5, 0)], { tenant: { all: 40, retries: 32 } }, 5, 0],
  ["nothing while the producer is busy", lines(5, 0), { producer: { all: MOST_OF_PRODUCER, retries: 0 } }, 0, 0],
  ["first attempts beside retries", [...lines(5, 1), ...lines(5, 0)], { producer: { all: 130, retries: 128 } }, 5, 0],
] satisfies [string, ReturnType<typeof lines>, Partial<Busy>, number, number][])("%s", (_, due, busy, first, again) => {
  const chosen = chooseLines(due, { endpoint: none, tenant: none, producer: none, ...busy });
  expect(chosen.filter(({ attempts }) => attempts === 0)).toHaveLength(first);
  expect(chosen.filter(({ attempts }) => attempts > 0)).toHaveLength(again);
});
