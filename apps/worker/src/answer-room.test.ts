import { expect, it } from "vitest";
import { MemoryBudget } from "@darkroom/imaging";
import { EMPTY_RECEIPT, type Ledger } from "@darkroom/ledger";
import { withAnswerRoom } from "./answer-room.ts";
import type { Prepared } from "./prepare.ts";

const signal = new AbortController().signal;

/** A portrait of a million pixels, with so many steps and pictures. */
function prepared(steps: number, variations: number, destination: string): Pick<Prepared, "source" | "recipe" | "row"> {
  return {
    source: { probe: { width: 1_000, height: 1_000 } },
    recipe: { steps: Array.from({ length: steps }, () => ({})), output: { variations } },
    row: { destination },
  } as unknown as Prepared;
}

/** What is held while a portrait like this is worked on. */
async function held(answersWith: "links" | "pictures", portrait: ReturnType<typeof prepared>): Promise<number> {
  const answerMemory = new MemoryBudget(1_000_000_000);
  const context = { answerMemory, ledger: {} as Ledger };
  const claimed = { spec: { id: "b" }, signal } as Parameters<typeof withAnswerRoom>[2];
  const work = () => Promise.resolve(answerMemory.usedBytes);
  const bytes = await withAnswerRoom(context, { answersWith }, claimed, portrait, { current: EMPTY_RECEIPT }, work);
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
  "holds room for an answer with %s, %i steps, %i pictures as %s",
  async (kind, steps, variations, key, bytes) => {
    expect(await held(kind, prepared(steps, variations, key))).toBe(bytes);
  },
);
