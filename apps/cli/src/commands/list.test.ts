import { expect, test } from "vitest";
import { runProgram } from "../program.ts";
import { sendJson, startTestApi } from "../test-kit/test-api.ts";
import { testStatus } from "../test-kit/test-status.ts";
import { testStreams } from "../test-kit/test-streams.ts";

test("portraits are filtered by the API", async () => {
  await using api = await startTestApi((_, response) => sendJson(response, { portraits: [], nextCursor: null }));
  const line = "--code no_face --billed maybe --round 1 --review rejected --state failed".split(" ");
  const streams = testStreams();
  const given = { variables: { DARKROOM_API_URL: api.url }, cwd: "/nowhere", streams };
  const { id } = testStatus({});
  expect(await runProgram(["portraits", id, ...line, "--find", "a & b"], given)).toBe(0);
  const query = Object.fromEntries(new URL(api.asked[0]?.url ?? "", "http://x").searchParams);
  expect(query).toEqual({
    code: "no_face",
    billed: "maybe",
    round: "1",
    review: "rejected",
    state: "failed",
    q: "a & b",
  });
  expect(streams.err()).toContain("None of its portraits matches.");
});
