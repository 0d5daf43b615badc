import { describe, expect, it } from "vitest";
import type { RecipeInput } from "@darkroom/core";
import type { FaultInput } from "@darkroom/twin";
import type { Engine } from "./engine.ts";
import { intentOf, killAt, outputOf, settling, type Moment } from "./kill-at.ts";

/** How one provider's portraits are worked on, and what they may cost after a death. */
interface Way {
  readonly provider: string;
  readonly recipe: RecipeInput;
  /** Paid calls of a portrait that nothing happens to. */
  readonly turns: number;
  readonly moments: readonly (Moment & {
    /** What had been paid when the worker died: it did die at that moment. */
    readonly paidBefore: number;
    /** Paid beside the turns. Defaults to none. */
    readonly paidAgain?: number;
    readonly billed?: "yes" | "maybe";
  })[];
}

/** The fault that call `call` of the portrait meets, from 1. */
const atCall = (call: number, fault: FaultInput) => ({ faults: [{ match: { call }, fault }] });

const billed = (count: number) => (engine: Engine) => engine.twin.ledger().billed === count;
const working = (call: number) => (engine: Engine) =>
  engine.twin.stats().openStreams === 1 &&
  Object.values(engine.twin.ledger().calls).some((calls) => calls.some((one) => one.call === call));

/** Each moment of step `step` (from 0), and of the end after the last of `turns`. */
function senseMoments(step: number, turns: number): Way["moments"] {
  const call = step + 1;
  const slow: FaultInput = { kind: "slow_download", downloadMs: 3_000 };
  return [
    { when: "before the intent is recorded", paidBefore: step, redis: { at: intentOf(step), carriedOut: false } },
    { when: "before the call, its intent recorded", paidBefore: step, redis: { at: intentOf(step), carriedOut: true } },
    {
      when: "mid-stream, while the provider works",
      paidBefore: step,
      twin: { latencyMs: (asked) => (asked.call === call ? 4_000 : 50) },
      reached: working(call),
    },
    {
      when: "mid-stream, the work done and not told",
      paidBefore: call,
      twin: atCall(call, { kind: "silence", afterEvents: 3 }),
      reached: billed(call),
    },
    {
      when: "the output URL seen and not recorded",
      paidBefore: call,
      redis: { at: outputOf(step), carriedOut: false },
    },
    { when: "after the output URL", paidBefore: call, redis: { at: outputOf(step), carriedOut: true } },
    {
      when: "mid-download",
      paidBefore: turns,
      twin: atCall(turns, slow),
      reached: (engine) => engine.twin.stats().openDownloads === 1 && engine.twin.stats().openStreams === 0,
    },
    { when: "mid-upload", paidBefore: turns, upload: true },
    { when: "before settle", paidBefore: turns, redis: { at: settling, carriedOut: false } },
    { when: "after settle, before it is known", paidBefore: turns, redis: { at: settling, carriedOut: true } },
  ];
}

const STEPS = ["Warmer light.", "Softer skin.", "A grey background.", "A little contrast."];

/** A further provider is one more row here, with the moments that its calls have. */
const WAYS: readonly Way[] = [
  {
    provider: "each::sense, one turn",
    recipe: { provider: "each-sense", prompt: "Warmer light.", mode: "eco" },
    turns: 1,
    moments: senseMoments(0, 1),
  },
  {
    provider: "each::sense, the third of four turns",
    recipe: { provider: "each-sense", steps: STEPS.map((prompt) => ({ prompt })), mode: "eco" },
    turns: 4,
    moments: senseMoments(2, 4),
  },
];

describe.concurrent.each(WAYS)("a worker of $provider that is killed", ({ recipe, turns, moments }) => {
  it.each(moments)("$when: delivered, and no turn is paid twice", { timeout: 240_000 }, async (moment) => {
    const { atDeath, ledger, record, line, delivered } = await killAt(moment, recipe);
    expect(atDeath.billed).toBe(moment.paidBefore);
    expect(record).toMatchObject({ state: "completed", counts: { total: 1, succeeded: 1 } });
    expect(delivered).toBe(true);
    expect(ledger.billed).toBe(turns + (moment.paidAgain ?? 0));
    expect(line).toMatchObject({ outcome: "ok", billed: moment.billed ?? "yes", attempts: 1 });
    if (moment.paidAgain === undefined) expect(ledger.doubleBilled).toEqual([]);
  });
});
