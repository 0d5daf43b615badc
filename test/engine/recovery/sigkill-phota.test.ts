import { intentOf, outputOf, settling } from "../kit/kill-at.ts";
import {
  describeKilledWorkers,
  hasBilled,
  isDownloading,
  meets,
  SLOW_DOWNLOAD,
  slowAt,
  worksOn,
  type Asked,
  type DeadlyMoment,
} from "../kit/killed-workers.ts";

/** The provider's response mode. */
type Results = "urls" | "bytes";

/**
 * Returns each moment of step `step` (from 0), the last one. Phota has no memory, so a call without an answer is paid
 * again, and marked. A link is in the receipt and outlives its worker. Pictures within an answer and pictures of
 * earlier steps do not.
 */
function momentsOf(results: Results, step: number): readonly DeadlyMoment[] {
  // A picture sent within the request has no URL by which the simulator could name it.
  const asked: Asked = results === "bytes" && step > 0 ? { portrait: "bytes/", call: 1 } : { call: step + 1 };
  const turns = step + 1;
  const goneBefore = results === "bytes" ? step : 0;
  const inHand = again(results === "bytes" ? turns : 0);
  const unanswered = again(goneBefore + 1);
  return [
    {
      when: "before the intent is recorded",
      paidBefore: step,
      ...again(goneBefore),
      redis: { at: intentOf(step), carriedOut: false },
    },
    {
      when: "before the call, its intent recorded",
      paidBefore: step,
      paidAgain: goneBefore,
      attempts: 2,
      billed: "maybe",
      redis: { at: intentOf(step), carriedOut: true },
    },
    {
      when: "while the provider works",
      paidBefore: step,
      ...unanswered,
      twin: slowAt(asked),
      reached: worksOn(asked),
    },
    {
      when: "mid-answer, the work done and half told",
      paidBefore: turns,
      ...unanswered,
      twin: meets(asked, "silence"),
      reached: hasBilled(turns),
    },
    {
      when: "the answer seen and not recorded",
      paidBefore: turns,
      ...unanswered,
      redis: { at: outputOf(step), carriedOut: false },
    },
    { when: "after the answer", paidBefore: turns, ...inHand, redis: { at: outputOf(step), carriedOut: true } },
    ...(results === "bytes"
      ? []
      : [{ when: "mid-download", paidBefore: turns, twin: meets(asked, SLOW_DOWNLOAD), reached: isDownloading }]),
    { when: "mid-upload", paidBefore: turns, ...inHand, upload: true },
    { when: "before settle", paidBefore: turns, redis: { at: settling, carriedOut: false } },
    { when: "after settle, before it is known", paidBefore: turns, redis: { at: settling, carriedOut: true } },
  ];
}

/** Returns the effects of this number of calls paid twice, each of which is one more attempt in the report. */
function again(count: number): Pick<DeadlyMoment, "paidAgain" | "attempts" | "billed"> {
  return count === 0 ? {} : { paidAgain: count, attempts: 2, billed: "maybe" };
}

const STEPS = [{ prompt: "Warmer light." }, { prompt: "A grey background." }];

const wayOf = (results: Results, turns: number) => ({
  provider: `Phota by ${results}, ${turns === 1 ? "one turn" : "the last of two turns"}`,
  recipe: { provider: "phota" as const, steps: STEPS.slice(0, turns) },
  env: { PHOTA_RESPONSE_MODE: results },
  turns,
  forgetful: true,
  moments: momentsOf(results, turns - 1),
});

describeKilledWorkers([wayOf("urls", 1), wayOf("urls", 2), wayOf("bytes", 1), wayOf("bytes", 2)]);
