import { expect, it } from "vitest";
import type { LaneView } from "./api/api-views.ts";
import { runProgram } from "./program.ts";
import { sendJson, startTestApi } from "./test-kit/test-api.ts";
import { testStreams } from "./test-kit/test-streams.ts";

const QUIET: LaneView = {
  name: "each-sense",
  provider: "each-sense",
  counts: { waiting: 3, active: 2, delayed: 4 },
  running: 2,
  workers: 3,
  concurrency: { configured: 10, present: 10 },
  ratePerMinute: { configured: null, present: null },
  narrowed: null,
  held: null,
  blocked: null,
  probe: null,
};

const AT = "2026-11-21T10:00:00.000Z";

async function run(line: string, ...lanes: readonly LaneView[]): Promise<string> {
  await using api = await startTestApi((_, response) => sendJson(response, { lanes }));
  const streams = testStreams();
  const variables = { DARKROOM_API_URL: api.url };
  expect(await runProgram(line.split(" "), { variables, cwd: "/nowhere", streams })).toBe(0);
  return streams.out();
}

it("shows each account's running calls, waiting portraits and limits", async () => {
  const [head = "", row = "", ...rest] = (await run("lanes", QUIET)).trimEnd().split("\n");
  expect(head.split(/ {2,}/)).toEqual(["LANE", "PROVIDER", "WORKERS", "RUNNING", "WAITING", "AT ONCE", "A MINUTE"]);
  expect(row.split(/ {2,}/)).toEqual(["each-sense", "each-sense", "3", "2", "7", "10", "no limit"]);
  expect(rest).toEqual([]);
});

it("explains why an account has lowered limits, and when they rise again", async () => {
  const out = await run("lanes", {
    ...QUIET,
    concurrency: { configured: 10, present: 7 },
    ratePerMinute: { configured: 60, present: 42.5 },
    narrowed: { at: AT, message: "too many calls at once" },
    held: { until: AT, message: null },
    blocked: { reason: "balance", since: AT, message: "the balance is too low" },
    probe: { at: AT, failed: 1, underWay: false },
  });
  expect(out).toContain("7 of 10");
  expect(out).toContain("42.5 of 60");
  expect(out).toMatch(
    /each-sense: blocked \(balance\) since 21 Nov 2026.*the balance is too low\. Next attempt 21 Nov/,
  );
  expect(out).toMatch(/each-sense: starts nothing until 21 Nov 2026/);
  expect(out).toMatch(/each-sense: reduced at 21 Nov 2026.*: too many calls at once/);
});

it("prints the API's answer as JSON, and says if there is no account", async () => {
  expect(JSON.parse(await run("lanes --json", QUIET))).toEqual({ lanes: [QUIET] });
  expect(await run("lanes")).toBe("");
});

it("reports that a blocked account without a portrait waits for one", async () => {
  const blocked = { reason: "balance", since: AT, message: "the balance is too low" } as const;
  const out = await run("lanes", {
    ...QUIET,
    counts: { waiting: 0, active: 0, delayed: 0 },
    blocked,
    probe: { at: AT, failed: 1, underWay: true },
  });
  expect(out).toContain("the balance is too low. Its next portrait shows whether it still is.");
  const busy = await run("lanes", { ...QUIET, blocked, probe: { at: AT, failed: 1, underWay: true } });
  expect(busy).toContain("A probe is running.");
});

it("unblocks an account that was topped up", async () => {
  await using api = await startTestApi((_, response) => sendJson(response, QUIET));
  const streams = testStreams();
  const line = (text: string) =>
    runProgram(text.split(" "), { variables: { DARKROOM_API_URL: api.url }, cwd: "/nowhere", streams });
  expect(await line("lanes unblock each-sense")).toBe(0);
  expect(api.asked).toMatchObject([{ method: "POST", url: "/v1/lanes/each-sense/unblock" }]);
  expect(streams.out()).toContain("The lane each-sense is unblocked.");
});
