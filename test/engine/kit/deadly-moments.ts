import { intentOf, outputOf, settling } from "./kill-at.ts";
import {
  hasBilled,
  isDownloading,
  meets,
  SLOW_DOWNLOAD,
  slowAt,
  worksOn,
  type DeadlyMoment,
} from "./killed-workers.ts";

/**
 * Each moment of step `step` (from 0), and of the end after the last of `turns`. Nothing is ever paid twice.
 *
 * @param before turns of an earlier round
 */
export function momentsOf(step: number, turns: number, before = 0): readonly DeadlyMoment[] {
  const call = before + step + 1;
  const all = before + turns;
  return [
    {
      when: "before the intent is recorded",
      paidBefore: before + step,
      redis: { at: intentOf(step), carriedOut: false },
    },
    {
      when: "before the call, its intent recorded",
      paidBefore: before + step,
      attempts: 2,
      redis: { at: intentOf(step), carriedOut: true },
    },
    {
      when: "mid-stream, while the provider works",
      paidBefore: before + step,
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
    { when: "mid-download", paidBefore: all, twin: meets({ call: all }, SLOW_DOWNLOAD), reached: isDownloading },
    { when: "mid-upload", paidBefore: all, upload: true },
    { when: "before settle", paidBefore: all, redis: { at: settling, carriedOut: false } },
    { when: "after settle, before it is known", paidBefore: all, redis: { at: settling, carriedOut: true } },
  ];
}
