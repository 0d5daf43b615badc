import { expect, it } from "vitest";
import { runProgram } from "../program.ts";
import { sendJson, startTestApi } from "../test-kit/test-api.ts";
import { testStatus } from "../test-kit/test-status.ts";
import { testStreams } from "../test-kit/test-streams.ts";

const STATUS = testStatus({ succeeded: 3 });

interface Page {
  readonly removed?: number;
  readonly problems?: readonly object[];
}

async function run(line: readonly string[], { removed = 0, problems = [] }: Page = {}) {
  await using api = await startTestApi(({ method }, response) => {
    if (method !== "POST") return sendJson(response, STATUS);
    const nextCursor = api.asked.filter((asked) => asked.method === "POST").length < 2 ? 50 : null;
    return sendJson(response, { delivered: 2, unchanged: 1, removed, problems, nextCursor });
  });
  const streams = testStreams();
  const variables = { DARKROOM_API_URL: api.url };
  const code = await runProgram(["deliver", STATUS.id, ...line], { variables, cwd: "/nowhere", streams });
  const sent = api.asked.filter(({ method }) => method === "POST").map(({ body }) => JSON.parse(body) as object);
  return { code, sent, out: streams.out() };
}

it("delivers page by page, to a folder of this machine by its absolute path", async () => {
  const { code, sent, out } = await run(["./handover", "--template", "{id}.{ext}"], { removed: 1 });
  const order = { destination: "file:///nowhere/handover/", template: "{id}.{ext}" };
  expect(sent).toEqual([
    { ...order, cursor: 0 },
    { ...order, cursor: 50 },
  ]);
  expect([code, out]).toEqual([
    0,
    "4 portraits delivered. 2 portraits there already. Removed: 2 portraits no longer approved.\n",
  ]);
});

it("reports files that could not be copied, and exits with 3", async () => {
  const { code, out } = await run(["s3://client/final/"], { problems: [{ index: 3, id: "anna", message: "taken" }] });
  expect(code).toBe(3);
  expect(out).toContain("  anna: taken\n");
});
