import { expect, it } from "vitest";
import { MemoryBudget } from "@darkroom/imaging";
import { withAnswerRoom } from "./reserve-answer-memory.ts";
import { AnswerRoom } from "./answer-room.ts";
import type { Prepared } from "../prepare/prepared.ts";
import type { PreparedRun } from "../run/portrait-run.ts";

const signal = new AbortController().signal;

/** Builds a portrait of one megapixel with the given steps and pictures. */
function prepared(steps: number, variations: number, destination: string): Pick<Prepared, "source" | "recipe" | "row"> {
  return {
    source: { probe: { width: 1_000, height: 1_000 } },
    recipe: { steps: Array.from({ length: steps }, () => ({})), output: { variations } },
    row: { destination },
  } as unknown as Prepared;
}

/** Returns the memory reserved while such a portrait runs. */
async function held(answersWith: "links" | "pictures", portrait: ReturnType<typeof prepared>): Promise<number> {
  const answerMemory = new MemoryBudget(1_000_000_000);
  const context = { answerMemory, outgrownAnswers: new MemoryBudget(1) };
  const lane = { provider: { answersWith } };
  const run = { context, lane, claim: { spec: { id: "b" } }, signal, prepared: portrait } as unknown as PreparedRun;
  const work = () => Promise.resolve(answerMemory.usedBytes);
  const bytes = await withAnswerRoom(run, work);
  expect(answerMemory.usedBytes).toBe(0);
  return bytes;
}

it.each([
  ["links", 1, 4, "a.png", 0],
  ["pictures", 1, 1, "a.jpg", 2_000_000],
  ["pictures", 1, 4, "a.jpg", 5_000_000],
  ["pictures", 3, 1, "a.jpg", 4_000_000],
  ["pictures", 3, 4, "a.jpg", 7_000_000],
  ["pictures", 1, 1, "a.png", 6_000_000],
] as const)(
  "reserves memory for an answer with %s, %i steps, %i pictures as %s",
  async (kind, steps, variations, key, bytes) => {
    expect(await held(kind, prepared(steps, variations, key))).toBe(bytes);
  },
);

it("lets one answer at a time exceed its reservation, and the next one when that is stored", async () => {
  const outgrown = new MemoryBudget(1);
  const [one, other] = [new AnswerRoom(outgrown, 10, signal), new AnswerRoom(outgrown, 10, signal)];
  expect(one.admit(10)).toBeUndefined();
  await one.admit(11);
  expect(one.admit(1_000)).toBeUndefined();
  let isAdmitted = false;
  const admitted = other.admit(11)?.then(() => (isAdmitted = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(isAdmitted).toBe(false);
  one.close();
  await admitted;
  other.close();
  await new Promise((resolve) => setImmediate(resolve));
  expect(outgrown.usedBytes).toBe(0);
});

it("ends the wait of an answer whose run is aborted", async () => {
  const outgrown = new MemoryBudget(1);
  const one = new AnswerRoom(outgrown, 1, signal);
  await one.admit(2);
  const controller = new AbortController();
  const waiting = new AnswerRoom(outgrown, 1, controller.signal).admit(2);
  controller.abort(new Error("stopped"));
  await expect(waiting).rejects.toThrow("stopped");
  one.close();
});
