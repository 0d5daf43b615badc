import { intentOf, outputOf, settling } from "../kit/kill-at.ts";
import {
  describeKilledWorkers,
  hasBilled,
  isDownloading,
  meets,
  SLOW_DOWNLOAD,
  slowAt,
  worksOn,
  type DeadlyMoment,
} from "../kit/killed-workers.ts";

/** Each moment of step `step` (from 0), and of the end after the last of `turns`. Nothing is ever paid twice. */
function momentsOf(step: number, turns: number): readonly DeadlyMoment[] {
  const call = step + 1;
  return [
    { when: "before the intent is recorded", paidBefore: step, redis: { at: intentOf(step), carriedOut: false } },
    {
      when: "before the call, its intent recorded",
      paidBefore: step,
      attempts: 2,
      redis: { at: intentOf(step), carriedOut: true },
    },
    {
      when: "mid-stream, while the provider works",
      paidBefore: step,
      twin: slowAt({ call }),
      reached: worksOn({ call }),
    },
    {
      when: "mid-stream, the work done and not told",
      paidBefore: call,
      twin: meets({ call }, { kind: "silence", afterEvents: 3 }),
      reached: hasBilled(call),
    },
    {
      when: "the output URL seen and not recorded",
      paidBefore: call,
      redis: { at: outputOf(step), carriedOut: false },
    },
    { when: "after the output URL", paidBefore: call, redis: { at: outputOf(step), carriedOut: true } },
    { when: "mid-download", paidBefore: turns, twin: meets({ call: turns }, SLOW_DOWNLOAD), reached: isDownloading },
    { when: "mid-upload", paidBefore: turns, upload: true },
    { when: "before settle", paidBefore: turns, redis: { at: settling, carriedOut: false } },
    { when: "after settle, before it is known", paidBefore: turns, redis: { at: settling, carriedOut: true } },
  ];
}

const STEPS = ["Warmer light.", "Softer skin.", "A grey background.", "A little contrast."];

describeKilledWorkers([
  {
    provider: "each::sense, one turn",
    recipe: { provider: "each-sense", prompt: "Warmer light.", mode: "eco" },
    turns: 1,
    moments: momentsOf(0, 1),
  },
  {
    provider: "each::sense, the third of four turns",
    recipe: { provider: "each-sense", steps: STEPS.map((prompt) => ({ prompt })), mode: "eco" },
    turns: 4,
    moments: momentsOf(2, 4),
  },
]);
