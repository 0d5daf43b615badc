import { expect, it } from "vitest";
import { runProgram } from "../program.ts";
import { sendJson, startTestApi } from "../test-kit/test-api.ts";
import { testStatus } from "../test-kit/test-status.ts";
import { testStreams } from "../test-kit/test-streams.ts";

const { id } = testStatus({});
const OPERATION = {
  id: "op_1",
  batch: id,
  action: "retry",
  state: "running",
  matched: 3,
  done: 0,
  costUsd: 0.3,
  counts: {},
  problems: [],
  error: null,
  createdAt: "2026-12-01T10:00:00.000Z",
  createdBy: "local",
  endedAt: null,
};

interface Body {
  readonly dryRun?: boolean;
}

async function run(line: string, end: object = { state: "completed", done: 3, counts: { reopened: 3 } }) {
  await using api = await startTestApi(({ method, body }, response) => {
    if (method === "GET") return sendJson(response, { ...OPERATION, ...end });
    const { dryRun = false } = JSON.parse(body) as Body;
    return sendJson(response, dryRun ? { matched: 3, costUsd: 0.3 } : OPERATION);
  });
  const streams = testStreams();
  const given = { variables: { DARKROOM_API_URL: api.url }, cwd: "/nowhere", streams };
  const code = await runProgram(["actions", id, ...line.split(" ")], given);
  const posted = api.asked.filter(({ method }) => method === "POST");
  const sent = posted.map(({ body }) => JSON.parse(body) as Body);
  return { code, sent, posted, out: streams.out(), err: streams.err() };
}

it("counts first, and acts only on the counted portraits", async () => {
  const line = "retry --code no_face timeout --billed no --round 1 --find anna --index 3 17";
  const where = { code: ["no_face", "timeout"], billed: ["no"], round: 1, q: "anna", indexes: [3, 17] };
  const { code, sent, posted, out, err } = await run(`${line} --yes`);
  expect(sent).toEqual([
    { action: "retry", where, dryRun: true },
    { action: "retry", where, expect: 3 },
  ]);
  expect(posted[1]?.headers["idempotency-key"]).toBeDefined();
  expect([code, out]).toEqual([0, "retry: 3 reopened.\n"]);
  expect(err).toContain(`darkroom watch ${id}`);
  const dry = await run(`${line} --dry-run`);
  expect([dry.code, dry.sent.length, dry.out]).toEqual([0, 1, "3 portraits match: at most 0.3 USD\n"]);
});

it("does nothing without the user's consent", async () => {
  const { code, sent, err } = await run("approve --review undecided");
  expect([code, sent]).toEqual([2, [{ action: "approve", where: { review: ["undecided"] }, dryRun: true }]]);
  expect(err).toContain("--yes");
});

it.each([
  ["deliver --yes", "--to"],
  ["redo --yes", "--note"],
  ["answer --yes", "--answer"],
  ["burn --yes", "Allowed choices are retry"],
  ["retry --code fine --yes", "Allowed choices are"],
  ["retry --round x --yes", "whole number"],
])("refuses %s", async (line, text) => {
  const { code, sent, err } = await run(line);
  expect([code, sent]).toEqual([2, []]);
  expect(err).toContain(text);
});

it("delivers to a folder by its absolute path, and reports files that could not be copied", async () => {
  const problems = [{ index: 4, id: "anna.jpg", message: "it is gone" }];
  const counts = { delivered: 2, failed: 1 };
  const { code, sent, out } = await run("deliver --to ./final --template {id}.jpg --yes", {
    action: "deliver",
    state: "completed",
    done: 3,
    counts,
    problems,
  });
  expect(sent[1]).toEqual({
    action: "deliver",
    where: {},
    destination: "file:///nowhere/final/",
    template: "{id}.jpg",
    expect: 3,
  });
  expect([code, out]).toEqual([3, "deliver: 2 delivered, 1 failed.\n  anna.jpg: it is gone\n"]);
});

it("exits with 4 if the operation failed", async () => {
  const error = { code: "conflict", detail: "Others decide." };
  const { code, out } = await run("approve --yes", { action: "approve", state: "failed", done: 1, error });
  expect([code, out]).toEqual([4, "approve: failed after 1 of 3. Others decide.\n"]);
});
