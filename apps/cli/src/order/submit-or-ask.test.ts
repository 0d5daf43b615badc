import { expect, it } from "vitest";
import { DarkroomClient } from "../api/client.ts";
import type { Invocation } from "../run-command.ts";
import { Terminal } from "../terminal/terminal.ts";
import { sendJson, startTestApi } from "../test-kit/test-api.ts";
import { testStatus } from "../test-kit/test-status.ts";
import { testStreams } from "../test-kit/test-streams.ts";
import { submitOrAsk } from "./submit-or-ask.ts";

const DETAIL = "The destination has results of another recipe.";

/** Submits to an API that refuses to replace results of another recipe without the user's consent. */
async function submitted(answer: string | undefined, field = "overwrite") {
  await using api = await startTestApi(({ body }, response) => {
    const { overwrite } = JSON.parse(body) as { overwrite?: unknown };
    if (overwrite !== undefined) return sendJson(response, testStatus({ pending: 4 }), 201);
    const problem = { code: "conflict", detail: DETAIL, field, status: 409 };
    sendJson(response, problem, 409, "application/problem+json");
  });
  const streams = testStreams({ isTTY: answer !== undefined });
  const client = new DarkroomClient(api.url, undefined);
  const { signal } = new AbortController();
  const invocation = { terminal: new Terminal(streams, false), signal } as Invocation;
  const recipe = { preset: "skin-smoothing", mode: "eco" } as const;
  const submission = { source: "file:///in/", destination: "file:///out/", recipe };
  if (answer !== undefined) streams.stdin.push(answer);
  try {
    const ended = await submitOrAsk(invocation, { client }, { submission, upload: undefined }).catch(
      (error: unknown) => error,
    );
    const { overwrite } = JSON.parse(api.asked.at(-1)?.body ?? "") as { overwrite?: unknown };
    return { ended, overwrite, asked: api.asked.length, err: streams.err() };
  } finally {
    await client.close();
  }
}

const DOWN = "\u001B[B";

it.each([
  ["keeps them", `${DOWN}\r`, false],
  ["makes them anew", `${DOWN}${DOWN}\r`, "other-recipe"],
])("asks what to do with results of another recipe, and %s", async (_, answer, expected) => {
  const { ended, overwrite, asked, err } = await submitted(answer);
  expect(ended).toMatchObject({ state: "running", counts: { pending: 4 } });
  expect(err).toContain(DETAIL);
  expect({ overwrite, asked }).toEqual({ overwrite: expected, asked: 2 });
});

it("submits nothing if the user stops", async () => {
  const { ended, asked } = await submitted("\r");
  expect(ended).toMatchObject({ exitCode: 2, message: "Nothing was submitted, and nothing was replaced." });
  expect(asked).toBe(1);
});

it.each([
  ["without a terminal", undefined, "overwrite"],
  ["for another conflict", "\r", "id"],
])("does not change the refusal %s", async (_, answer, field) => {
  const { ended, asked } = await submitted(answer, field);
  expect(ended).toMatchObject({ code: "conflict", message: DETAIL });
  expect(asked).toBe(1);
});
