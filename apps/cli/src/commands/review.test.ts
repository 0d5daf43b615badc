import { expect, it } from "vitest";
import { runProgram } from "../program.ts";
import { sendJson, startTestApi } from "../test-kit/test-api.ts";
import { testStatus } from "../test-kit/test-status.ts";
import { testStreams } from "../test-kit/test-streams.ts";

const REVIEW = { revision: 2, undecided: 3, approved: 1, rejected: 1 };
const STATUS = testStatus({ succeeded: 5 }, { review: REVIEW });
const DECIDED = { state: "rejected", line: 2, by: "anna", at: "2026-11-21T10:00:00.000Z", note: "eyes closed" };
const PORTRAIT = { index: 4, id: "ben.jpg", state: "succeeded", review: DECIDED };
const LINE = { number: 2, at: DECIDED.at, by: "anna", order: "undo", note: null, portraits: [4], undoes: [1] };

async function run(...line: readonly string[]) {
  await using api = await startTestApi(({ method, url }, response) => {
    if (method === "POST") {
      const nextCursor = url.includes("reviews") && api.asked.length < 2 ? 9 : null;
      return sendJson(response, { recorded: 2, unchanged: 1, review: REVIEW, nextCursor });
    }
    if (url.includes("/portraits"))
      return sendJson(response, { portraits: url.includes("rejected") ? [PORTRAIT] : [], nextCursor: null });
    return sendJson(response, url.includes("/reviews") ? { reviews: [LINE], nextBefore: null } : STATUS);
  });
  const streams = testStreams();
  const variables = { DARKROOM_API_URL: api.url };
  const code = await runProgram(["review", STATUS.id, ...line], { variables, cwd: "/nowhere", streams });
  const sent = api.asked.filter(({ method }) => method === "POST").map(({ body }) => JSON.parse(body) as object);
  return { code, sent, out: streams.out(), err: streams.err() };
}

it("sends a decision about named portraits, page by page", async () => {
  const { code, sent, out } = await run("--reject", "--portrait", "ben.jpg", "--note", "eyes closed");
  expect(code).toBe(0);
  const order = { order: "reject", note: "eyes closed", ids: ["ben.jpg"] };
  expect(sent).toEqual([order, { ...order, cursor: 9 }]);
  expect(out).toBe("4 decisions recorded. 2 were so already. Now 1 approved, 1 rejected, 3 undecided.\n");
});

it.each([
  [["--approve", "--only", "undecided"], { order: "approve", where: { review: ["undecided"] } }],
  [["--approve", "--all"], { order: "approve", where: {} }],
  [["--undo", "--index", "3", "17"], { order: "undo", indexes: [3, 17] }],
])("%j", async (line, body) => {
  expect((await run(...line)).sent[0]).toEqual(body);
});

it("lists rejected results with their reasons, and the log", async () => {
  const { out } = await run();
  expect(out).toMatch(
    /^Now 1 approved, 1 rejected, 3 undecided\.\n +4 {2}rejected {3}ben\.jpg.*anna, .*eyes closed\n$/,
  );
  expect((await run("--log")).out).toMatch(/2 .* anna {2}undo portrait 4 \(undoes 1\)\n$/);
});

it.each([
  [["--approve"], "Name the results to approve"],
  [["--note", "x"], "--note belongs to"],
  [["--approve", "--reject", "--all"], "cannot be used with"],
])("refuses %j", async (line, words) => {
  const { code, err, sent } = await run(...line);
  expect(code).toBe(2);
  expect(err).toContain(words);
  expect(sent).toEqual([]);
});
