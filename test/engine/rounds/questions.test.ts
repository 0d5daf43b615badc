import { afterEach, describe, expect, it } from "vitest";
import { batchKeys, partAsks, type BatchStatus } from "@darkroom/core";
import { promptHash, type FaultRuleInput } from "@darkroom/twin";
import { until } from "@darkroom/testkit";
import { startEngine, type Engine } from "../kit/engine.ts";

const LOOK = "Which look would you like for this portrait?";
const GROUND = "Which background would you like?";

let engine: Engine;
afterEach(async () => await engine.close());

/** Returns the fault of an agent that asks about every portrait, once in each session. */
const asks = (question = LOOK, portrait?: string): FaultRuleInput => ({
  match: { call: "every", ...(portrait === undefined ? {} : { portrait }) },
  fault: { kind: "ask", question, options: ["Natural", "Studio"], untilAnswered: true },
});

interface Questions {
  readonly questions: readonly { question: string; options: string[]; portraits: number; examples: string[] }[];
  readonly others: number;
}

async function questions(id: string): Promise<Questions> {
  const response = await fetch(`${engine.api.url}/v1/batches/${id}/questions`);
  expect(response.status).toBe(200);
  return (await response.json()) as Questions;
}

async function reply(id: string, body: unknown) {
  const response = await fetch(`${engine.api.url}/v1/batches/${id}/answer`, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json" },
  });
  return { status: response.status, body: (await response.json()) as BatchStatus & { detail?: string } };
}

/** Counts the texts sent to the provider, over all portraits. */
function callsOf(): number {
  return Object.values(engine.twin.ledger().calls).flat().length;
}

const RECIPE = { preset: "professional-polish", mode: "eco" } as const;

describe("a question on every one of 50 portraits", () => {
  it("is answered by the standing answer: all finish, each paid once", { timeout: 90_000 }, async () => {
    engine = await startEngine({ twin: { faults: [asks()] } });
    await engine.addPhotos(50);
    const record = await engine.ended(
      await engine.submit({ recipe: { ...RECIPE, clarificationAnswer: "Keep it natural." } }),
    );
    expect(record).toMatchObject({ state: "completed", counts: { total: 50, succeeded: 50 } });
    expect(engine.twin.ledger().billed).toBe(50);
    // Each portrait has one call that gets a question, and one call with the answer.
    expect(callsOf()).toBe(100);
    const lines = await engine.report(record.spec.id);
    expect(lines.every(({ billed, question }) => billed === "yes" && question === "")).toBe(true);
  });

  it("ends them all with it; one call reopens them, and all finish, each paid once", { timeout: 90_000 }, async () => {
    engine = await startEngine({ twin: { faults: [asks()] }, env: { DARKROOM_BREAKER: "false" } });
    await engine.addPhotos(50);
    const id = await engine.submit({ recipe: RECIPE });
    expect((await engine.ended(id)).failures).toEqual({ needs_clarification: 50 });
    expect(engine.twin.ledger().billed).toBe(0);
    const lines = await engine.report(id);
    expect(lines.map(({ question, billed, attempts }) => ({ question, billed, attempts }))).toEqual(
      Array.from({ length: 50 }, () => ({ question: LOOK, billed: "no", attempts: 1 })),
    );
    const parts: boolean[] = [];
    for await (const { key } of engine.results.list({ prefix: batchKeys(id).reportPrefix })) parts.push(partAsks(key));
    expect(new Set(parts)).toEqual(new Set([true]));
    const portrait = await (await fetch(`${engine.api.url}/v1/batches/${id}/portraits/7`)).json();
    expect(portrait).toMatchObject({ outcome: { question: { text: LOOK, options: ["Natural", "Studio"] } } });
    expect(await questions(id)).toEqual({
      questions: [
        {
          question: LOOK,
          options: ["Natural", "Studio"],
          portraits: 50,
          examples: expect.arrayContaining([expect.stringMatching(/^p000\d\d\.jpg$/)]),
        },
      ],
      others: 0,
    });

    const { status, body } = await reply(id, { answer: "Keep it natural." });
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body.state).toBe("running");
    const record = await engine.ended(id);
    expect(record).toMatchObject({ state: "completed", failures: {}, counts: { total: 50, succeeded: 50 } });
    expect(record.rounds).toMatchObject([{ number: 1, opened: 50, codes: ["needs_clarification"] }]);
    expect(engine.twin.ledger().billed).toBe(50);
    expect(callsOf()).toBe(150);
    expect(await questions(id)).toEqual({ questions: [], others: 0 });
    expect((await engine.report(id)).every(({ outcome, round }) => outcome === "ok" && round === 1)).toBe(true);
    expect((await reply(id, { answer: "Once more." })).status).toBe(409);
  });

  it("pauses the batch by its breaker, and the answer resumes it", { timeout: 90_000 }, async () => {
    engine = await startEngine({ twin: { faults: [asks()] }, env: { DARKROOM_LANE_CONCURRENCY: "4" } });
    await engine.addPhotos(50);
    const id = await engine.submit({ recipe: RECIPE });
    await until(
      async () => {
        const record = await engine.ledger.read(id);
        return record?.pausedBy === "breaker" && record.counts.running === 0;
      },
      { what: "the breaker" },
    );
    const before = await engine.ledger.read(id);
    expect(before?.counts.pending).toBeGreaterThan(20);
    await until(async () => (await questions(id)).questions[0]?.portraits === before?.failures["needs_clarification"], {
      what: "the questions of the portraits that ended",
    });
    expect((await reply(id, { answer: "Keep it natural." })).body).toMatchObject({ state: "running", pausedBy: null });
    expect((await engine.ended(id)).counts).toMatchObject({ total: 50, succeeded: 50 });
    expect(engine.twin.ledger().billed).toBe(50);
  });
});

describe("an agent that asks again after its answer", () => {
  it("is not answered twice: the portrait ends with the last question", async () => {
    engine = await startEngine({
      twin: { faults: [{ match: { call: "every" }, fault: { kind: "ask", question: LOOK } }] },
    });
    await engine.addPhotos(2);
    const id = await engine.submit({ recipe: { ...RECIPE, clarificationAnswer: "Keep it natural." } });
    expect((await engine.ended(id)).failures).toEqual({ needs_clarification: 2 });
    const hint = `darkroom questions ${id}`;
    for (const { message } of await engine.report(id)) expect(message).toContain(hint);
    expect(await engine.report(id)).toMatchObject([
      { question: LOOK, billed: "no" },
      { question: LOOK, billed: "no" },
    ]);
    expect({ calls: callsOf(), billed: engine.twin.ledger().billed }).toEqual({ calls: 4, billed: 0 });
  });
});

describe("two questions in one batch", () => {
  it("are answered one by one, each portrait by the answer to its own", { timeout: 90_000 }, async () => {
    engine = await startEngine({
      twin: { faults: [asks(LOOK, "look"), asks(GROUND, "ground")], latencyMs: 20 },
      env: { DARKROOM_BREAKER: "false", DARKROOM_LANE_CONCURRENCY: "2" },
    });
    await engine.addPhotos(6, (index) => `look-${index}.jpg`);
    await engine.addPhotos(9, (index) => `ground-${index}.jpg`);
    const id = await engine.submit({ recipe: RECIPE });
    await engine.ended(id);
    expect((await questions(id)).questions.map(({ question, portraits }) => [question, portraits])).toEqual([
      [GROUND, 9],
      [LOOK, 6],
    ]);
    const wrong = await reply(id, { answer: "Yes.", question: "Is it raining?" });
    expect(wrong.status).toBe(404);
    expect(wrong.body.detail).toContain(GROUND);

    // The second question is answered while portraits with the first still wait for their turn.
    expect(
      (await reply(id, { answer: "The natural one.", question: "which look would you like for this portrait" })).status,
    ).toBe(200);
    await until(async () => (await engine.ledger.read(id))?.reopening === undefined, {
      what: "the first round to open",
    });
    expect((await reply(id, { answer: "Light grey.", question: GROUND })).status).toBe(200);
    const record = await engine.ended(id);
    expect(record.counts).toMatchObject({ total: 15, succeeded: 15 });
    expect(record.rounds.map(({ opened }) => opened)).toEqual([6, 9]);
    expect(engine.twin.ledger().billed).toBe(15);
    expect(record.rounds[1]?.recipe.answers).toEqual([
      { question: "which look would you like for this portrait", answer: "The natural one." },
      { question: GROUND, answer: "Light grey." },
    ]);
    for (const [portrait, calls] of Object.entries(engine.twin.ledger().calls)) {
      const answer = portrait.includes("look") ? "The natural one." : "Light grey.";
      expect(calls.at(-1)?.promptHash, portrait).toBe(promptHash(answer));
    }
  });

  it("reopen only their own portraits after Redis was lost", { timeout: 90_000 }, async () => {
    engine = await startEngine({
      twin: { faults: [asks(LOOK, "look"), asks(GROUND, "ground")] },
      env: { DARKROOM_BREAKER: "false" },
    });
    await engine.addPhotos(2, (index) => `look-${index}.jpg`);
    await engine.addPhotos(2, (index) => `ground-${index}.jpg`);
    const id = await engine.submit({ recipe: RECIPE });
    await engine.ended(id);
    // No worker processes the reopened portraits: the round is started and the control file written, and then Redis is
    // lost.
    engine.twin.faults.clear();
    engine.twin.faults.add({ match: { call: "every" }, fault: { kind: "http", status: 402 } });
    expect((await reply(id, { answer: "The natural one.", question: LOOK })).status).toBe(200);
    await until(
      async () => {
        const record = await engine.ledger.read(id);
        return record?.reopening === undefined && record?.storedRevision === record?.revision;
      },
      { what: "the round to be kept in the object store" },
    );
    const keys = await engine.redis.keys(`*${id}*`);
    await engine.redis.del(...keys.filter((key) => key.includes(`{${id}}`)));
    const recovered = await fetch(`${engine.api.url}/v1/recoveries`, {
      method: "POST",
      body: JSON.stringify({ destination: `${engine.root}out/` }),
      headers: { "content-type": "application/json" },
    });
    expect(await recovered.json()).toMatchObject({ batches: [{ kind: "recovered", total: 4, ended: 2 }] });
  });
});
