import { expect, it } from "vitest";
import { runProgram } from "./program.ts";
import { sendJson, startTestApi } from "./test-kit/test-api.ts";
import { testStatus } from "./test-kit/test-status.ts";
import { testStreams } from "./test-kit/test-streams.ts";

const QUESTIONS = {
  questions: [
    { question: "Which look?", options: ["Natural", "Studio"], portraits: 12, examples: ["anna", "ben"] },
    { question: "Which background?", options: [], portraits: 1, examples: ["carl"] },
  ],
  others: 3,
};
const STATUS = testStatus({ failed: 13 }, { state: "completed_with_failures", failures: { needs_clarification: 13 } });

async function run(args: readonly string[]) {
  await using api = await startTestApi(({ url }, response) => {
    if (url.includes("/portraits")) return sendJson(response, { portraits: [], nextCursor: null });
    sendJson(response, url.endsWith("/questions") ? QUESTIONS : STATUS);
  });
  const streams = testStreams();
  const code = await runProgram(args, { variables: { DARKROOM_API_URL: api.url }, cwd: "/nowhere", streams });
  return { code, out: streams.out(), err: streams.err(), asked: [...api.asked] };
}

it("shows the provider's questions, the number of portraits, and how to answer", async () => {
  const { code, out, err } = await run(["questions", STATUS.id]);
  expect(code).toBe(0);
  expect(out).toBe(
    [
      "12 × Which look?",
      "    it offers: Natural · Studio",
      "    for instance: anna, ben",
      "1 × Which background?",
      "    for instance: carl",
      "3 more portraits have other questions",
      "",
    ].join("\n"),
  );
  expect(err).toContain(`darkroom answer ${STATUS.id}`);
});

it("prints the questions as JSON", async () => {
  const { out } = await run(["questions", STATUS.id, "--json"]);
  expect(JSON.parse(out)).toEqual(QUESTIONS);
});

it("sends the answer, with its question if one is given", async () => {
  const words = ["answer", STATUS.id, "Light grey.", "--question", "Which background?", "--detach"];
  const { code, asked } = await run(words);
  expect(code).toBe(0);
  const post = asked.find(({ method }) => method === "POST");
  expect(post?.url).toBe(`/v1/batches/${STATUS.id}/answer`);
  expect(JSON.parse(post?.body ?? "")).toEqual({ answer: "Light grey.", question: "Which background?" });
});

it("names the portraits that wait for an answer in a batch's status", async () => {
  const { out } = await run(["status", STATUS.id]);
  expect(out).toContain(`13 portraits wait for an answer: darkroom questions ${STATUS.id}`);
});
