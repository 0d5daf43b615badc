import { expect, test } from "vitest";
import { runProgram } from "../program.ts";
import { sendJson, startTestApi } from "../test-kit/test-api.ts";
import { testStreams } from "../test-kit/test-streams.ts";
import { costsText } from "./costs.ts";

test("prints costs as a table with their sum", () => {
  const spent = { costUsd: 1.5, lostUsd: 0.1, maybeUsd: 0 };
  const text = costsText({
    from: "2026-11-20",
    to: "2026-11-21",
    by: "day",
    total: { costUsd: 3, lostUsd: 0.2, maybeUsd: 0.0125 },
    rows: [
      { name: "2026-11-20", ...spent },
      { name: "2026-11-21", ...spent, maybeUsd: 0.0125 },
    ],
  });
  expect(text.split("\n")).toEqual([
    "DAY         COST      LOST      MAYBE",
    "2026-11-20  1.50 USD  0.10 USD  0.00 USD",
    "2026-11-21  1.50 USD  0.10 USD  0.0125 USD",
    "total       3.00 USD  0.20 USD  0.0125 USD",
  ]);
});

test("passes the days and the grouping to the API, and prints its answer as JSON", async () => {
  const spent = { costUsd: 0.5, lostUsd: 0, maybeUsd: 0 };
  const answer = { from: "2026-11-01", to: "2026-11-30", by: "lane", total: spent, rows: [{ name: "twin", ...spent }] };
  await using api = await startTestApi((_, response) => sendJson(response, answer));
  const streams = testStreams();
  const args = ["costs", "--from", "2026-11-01", "--to", "2026-11-30", "--by", "lane", "--json"];
  const code = await runProgram(args, { variables: { DARKROOM_API_URL: api.url }, cwd: "/nowhere", streams });
  expect(code, streams.err()).toBe(0);
  expect(api.asked.map(({ url }) => url)).toContain("/v1/costs?by=lane&from=2026-11-01&to=2026-11-30");
  expect(JSON.parse(streams.out())).toEqual(answer);
});
