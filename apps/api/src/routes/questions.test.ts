import { afterAll, beforeAll, expect, test } from "vitest";
import type { OutcomeCode, Recipe } from "@darkroom/core";
import { json, testApi, type TestApi } from "../../test/test-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

const LOOK = { text: "Which look?", options: ["Natural", "Studio"] };

/** Creates a batch of three portraits: one delivered, two with questions. */
async function asking(): Promise<string> {
  const { id } = await api.batch(3);
  await api.settle(id, 0, "ok");
  await api.settle(id, 1, "needs_clarification", { question: LOOK });
  await api.settle(id, 2, "needs_clarification", { question: { text: "which look", options: [] } });
  return id;
}

test("lists the provider's questions, with a few of the portraits", async () => {
  const id = await asking();
  const { status, body } = await api.call(`/v1/batches/${id}/questions`);
  expect(status).toBe(200);
  expect(body).toEqual({
    questions: [{ question: "Which look?", options: ["Natural", "Studio"], portraits: 2, examples: ["p1", "p2"] }],
    others: 0,
  });
});

test("shows a portrait's own question in its view", async () => {
  const { body } = await api.call(`/v1/batches/${await asking()}/portraits/1`);
  expect(body).toMatchObject({ state: "failed", outcome: { code: "needs_clarification", question: LOOK } });
});

test("starts one round with the answer, only for the portraits with that question", async () => {
  const id = await asking();
  const { status, body } = await api.call(
    `/v1/batches/${id}/answer`,
    json({ answer: "Natural.", question: "WHICH LOOK" }),
  );
  expect(status).toBe(200);
  expect(body).toMatchObject({ state: "running", rounds: [{ number: 1, codes: ["needs_clarification"] }] });
  const record = await api.ledger.read(id);
  expect(record?.rounds).toMatchObject([
    {
      question: "WHICH LOOK",
      recipe: { clarificationAnswer: "Natural.", answers: [{ question: "WHICH LOOK", answer: "Natural." }] },
    },
  ]);
  // Until a producer has reopened the portraits, no other round can start.
  const again = await api.call(`/v1/batches/${id}/answer`, json({ answer: "Studio." }));
  expect(again).toMatchObject({ status: 409, body: { detail: expect.stringContaining("Ask again in a moment") } });
  expect((await api.call(`/v1/batches/${id}/questions`)).body).toEqual({ questions: [], others: 0 });
});

/** Starts a retry in `max` that has reopened no portrait and never will. */
async function retriedInMax(id: string, codes: readonly OutcomeCode[]): Promise<Recipe> {
  const record = await api.ledger.read(id);
  if (record === undefined) throw new Error(`there is no batch ${id}`);
  const recipe: Recipe = { ...record.spec.recipe, mode: "max" };
  const begun = await api.ledger.control.beginRound(id, { at: Date.now(), codes, recipe });
  await api.ledger.control.endReopening(id, begun.kind === "begun" ? begun.number : 0);
  return record.spec.recipe;
}

test("changes nothing else in the order of these portraits; a later retry starts from the latest", async () => {
  const id = await asking();
  const { mode } = await retriedInMax(id, ["no_face"]);
  expect(mode).not.toBe("max");
  expect((await api.call(`/v1/batches/${id}/answer`, json({ answer: "Natural." }))).status).toBe(200);
  const answered = { ofRounds: [0], recipe: { mode, clarificationAnswer: "Natural." } };
  expect((await api.ledger.read(id))?.rounds).toMatchObject([{}, answered]);
  await api.ledger.control.endReopening(id, 2);
  const retried = await api.call(`/v1/batches/${id}/retry`, json({ codes: ["needs_clarification"] }));
  expect(retried.status).toBe(200);
  const last = (await api.ledger.read(id))?.rounds[2];
  expect(last).toMatchObject({ recipe: { mode: "max", clarificationAnswer: "Natural." } });
  expect(last?.ofRounds).toBeUndefined();
});

test("reopens portraits of every recipe if it is unknown which of them have the question", async () => {
  const id = await asking();
  // Marks the portraits' outcome lines as reopened, as after a crash during the reopening.
  const { mode } = await retriedInMax(id, ["needs_clarification"]);
  expect((await api.call(`/v1/batches/${id}/answer`, json({ answer: "Natural." }))).status).toBe(200);
  expect((await api.ledger.read(id))?.rounds.slice(1)).toMatchObject([
    { number: 2, ofRounds: [0], recipe: { mode } },
    { number: 3, ofRounds: [1], recipe: { mode: "max" } },
  ]);
});

test("resumes a batch that the breaker paused because of its questions, and no other", async () => {
  for (const [reason, by, state] of [
    ["the failure breaker: 10 of the last 10 portraits failed with needs_clarification", "breaker", "running"],
    ["the failure breaker: 9 of the last 10 portraits failed with no_face", "breaker", "paused"],
    ["lunch", "person", "paused"],
  ] as const) {
    const id = await asking();
    await api.ledger.control.pause(id, reason, { by });
    const { body } = await api.call(`/v1/batches/${id}/answer`, json({ answer: "Natural." }));
    expect(body, reason).toMatchObject({ state });
  }
});

test.each([
  ["an unknown question", 404, { answer: "Yes.", question: "Is it raining?" }, /Open questions: "Which look\?"/],
  ["no answer", 400, {}, /answer/],
  ["an empty answer", 400, { answer: " " }, /answer/],
  ["an answer that is too long", 400, { answer: "x".repeat(2_001) }, /answer/],
])("rejects %s with %i", async (_, status, body, detail) => {
  const refused = await api.call(`/v1/batches/${await asking()}/answer`, json(body));
  expect(refused).toMatchObject({ status, body: { detail: expect.stringMatching(detail) } });
});

test("rejects an answer if there is no question, or the batch was stopped", async () => {
  const { id } = await api.batch(1);
  expect((await api.call(`/v1/batches/${id}/answer`, json({ answer: "x" }))).status).toBe(409);
  const stopped = await asking();
  await api.ledger.control.cancel(stopped, "enough");
  expect((await api.call(`/v1/batches/${stopped}/answer`, json({ answer: "x" }))).status).toBe(409);
});
