import { expect, it } from "vitest";
import { runProgram } from "../program.ts";
import { sendJson, startTestApi } from "../test-kit/test-api.ts";
import { testStatus } from "../test-kit/test-status.ts";
import { testStreams } from "../test-kit/test-streams.ts";

const STATUS = testStatus({ succeeded: 2 }, { review: { revision: 4, undecided: 1, approved: 0, rejected: 1 } });

async function run(...line: readonly string[]) {
  await using api = await startTestApi(({ method }, response) =>
    sendJson(response, method === "POST" ? { portraits: 1, costUsd: 0.05, batch: STATUS } : STATUS),
  );
  const streams = testStreams();
  const variables = { DARKROOM_API_URL: api.url };
  const code = await runProgram(["redo", STATUS.id, "--note", "warmer", ...line], {
    variables,
    cwd: "/nowhere",
    streams,
  });
  const sent = api.asked.filter(({ method }) => method === "POST").map(({ body }) => JSON.parse(body) as object);
  return { code, sent, out: streams.out(), err: streams.err() };
}

const ORDER = { note: "warmer", where: { review: ["rejected"] }, revision: 4 };

it("shows the price, and orders nothing without the user's consent", async () => {
  const dry = await run("--only", "rejected", "--dry-run");
  expect([dry.code, dry.out, dry.sent]).toEqual([0, "1 portrait: 0.05 USD\n", [{ ...ORDER, dryRun: true }]]);
  const silent = await run("--only", "rejected");
  expect([silent.code, silent.sent]).toEqual([2, [{ ...ORDER, dryRun: true }]]);
  expect(silent.err).toContain("--yes");
});

it("orders the results that the user saw", async () => {
  const { code, sent } = await run("--only", "rejected", "--yes", "--detach");
  expect(code).toBe(0);
  expect(sent).toEqual([{ ...ORDER, dryRun: true }, ORDER]);
});

it("needs a selection", async () => {
  const { code, sent } = await run("--yes");
  expect([code, sent]).toEqual([2, []]);
});
