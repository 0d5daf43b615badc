import { gzipSync } from "node:zlib";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { batchKeys, resolveRecipe, type ObjectStore, type OutcomeCode, type Round } from "@darkroom/core";
import { openStores } from "@darkroom/storage";
import { tempFolder } from "@darkroom/testkit";
import { askedQuestions, mayAsk } from "./questions.ts";

const ID = "01k9zzzzzzzzzzzzzzzzzzzzzz";
const ROUND = { at: 0, recipe: resolveRecipe({ preset: "skin-smoothing", mode: "eco" }) };

let store: ObjectStore;
let close: () => Promise<void>;

beforeEach(async () => {
  const folder = await tempFolder();
  const stores = openStores({ s3: {}, local: { roots: [folder.path], linkSecret: "a secret of this test" } });
  store = stores.open(`${pathToFileURL(folder.path).href}/`);
  close = async () => {
    await stores.close();
    await folder.remove();
  };
});
afterEach(async () => await close());

function line(index: number, text: string | undefined, more: { code?: OutcomeCode; round?: number } = {}): string {
  const question = text === undefined ? {} : { question: { text, options: ["A", "B"] } };
  return JSON.stringify({ index, at: index, code: "needs_clarification", message: "", ...question, ...more });
}

async function write(sequence: number, asks: boolean, lines: readonly string[]): Promise<void> {
  const body = gzipSync(lines.map((text) => `${text}\n`).join(""));
  await store.put(batchKeys(ID).reportPart(sequence, `${sequence}-0`, asks), body, { contentType: "application/gzip" });
}

async function part(sequence: number, ...lines: readonly string[]): Promise<void> {
  await write(sequence, lines.some(mayAsk), lines);
}

async function asked(rounds: readonly Round[] = [], undrained: readonly string[] = [], asking = 0) {
  return await askedQuestions(store, { id: ID, total: 10_000, rounds, asking }, undrained);
}

/** Records the keys read from the store from now on. */
function opened(): string[] {
  const keys: string[] = [];
  const get = store.get.bind(store);
  store.get = async (key, ...rest) => {
    keys.push(key);
    return await get(key, ...rest);
  };
  return keys;
}

it("counts portraits per question, most frequent first, ignoring case and punctuation", async () => {
  await part(1, line(0, "Which look?"), line(1, "Which background?"), line(2, "which  LOOK"));
  await part(2, line(3, undefined, { code: "no_face" }), line(4, "Which look?"), line(5, "Which look?"));
  expect(await asked()).toEqual({
    questions: [
      { question: "Which look?", options: ["A", "B"], portraits: 4, examples: [0, 2, 4], rounds: [0] },
      { question: "Which background?", options: ["A", "B"], portraits: 1, examples: [1], rounds: [0] },
    ],
    others: 0,
    portraits: 5,
    rounds: [0],
  });
});

it("counts a portrait once whose line is in two parts and in the stream", async () => {
  await part(1, line(7, "Which look?"));
  await part(2, line(7, "Which look?"));
  const { questions } = await asked([], [line(7, "Which look?"), line(8, "Which look?")]);
  expect(questions).toMatchObject([{ portraits: 2 }]);
});

it("leaves out questions that a round has answered, and includes later ones", async () => {
  await part(1, line(0, "Which look?"), line(1, "Which background?"), line(2, "Which look?", { round: 1 }));
  const look: Round = { ...ROUND, number: 1, codes: ["needs_clarification"], question: "which look" };
  expect((await asked([look])).questions).toMatchObject([
    { question: "Which background?", examples: [1] },
    { question: "Which look?", examples: [2] },
  ]);
  const { question: _, ...all } = look;
  expect((await asked([{ ...all, number: 2 }])).questions).toEqual([]);
});

it("returns the rounds of the questions, and leaves out portraits that a round reopened", async () => {
  await part(1, line(0, "Which look?"), line(1, "Which look?", { round: 1 }), line(2, undefined, { round: 2 }));
  expect(await asked()).toMatchObject({
    questions: [{ portraits: 2, rounds: [0, 1] }],
    portraits: 3,
    rounds: [0, 1, 2],
  });
  const later: Round = { ...ROUND, number: 3, codes: ["needs_clarification"], ofRounds: [0, 2] };
  expect(await asked([later])).toMatchObject({ questions: [{ portraits: 1, rounds: [1] }], rounds: [1] });
});

it("distinguishes a thousand questions and counts the rest", async () => {
  await part(1, ...Array.from({ length: 1_003 }, (_, index) => line(index, `Who is number ${index}?`)));
  const { questions, others } = await asked();
  expect(questions).toHaveLength(1_000);
  expect(others).toBe(3);
});

it("opens only the report parts that contain questions, out of any number", async () => {
  for (let nth = 0; nth < 200; nth += 1) {
    const lines = [line(nth * 2, undefined, { code: "ok" }), line(nth * 2 + 1, undefined, { code: "no_face" })];
    await part(nth, ...(nth % 90 === 7 ? [...lines, line(5_000 + nth, "Which look?")] : lines));
  }
  const keys = opened();
  const { questions } = await asked([], [], 3);
  expect(questions).toMatchObject([{ portraits: 3, examples: [5_007, 5_097, 5_187] }]);
  expect(keys).toHaveLength(3);
});

it("opens parts without a hint in their name only while portraits are missing", async () => {
  await part(0, line(0, "Which look?"));
  for (const nth of [1, 2, 3, 4]) await write(nth, false, [line(nth, nth === 2 ? "Which look?" : undefined, {})]);
  const keys = opened();
  expect((await asked([], [], 3)).questions).toMatchObject([{ portraits: 2, examples: [0, 2] }]);
  expect(keys).toHaveLength(3);
});
