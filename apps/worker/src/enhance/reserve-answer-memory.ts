import { formatOfKey, picturesOfStep } from "@darkroom/core";
import { answerBytes } from "@darkroom/imaging";
import type { PreparedRun } from "../run/portrait-run.ts";
import { RunEnded } from "../run/run-ending.ts";
import { AnswerRoom } from "./answer-room.ts";

/** Minimum memory reserved for an answer's pictures, because the size of a small photo does not predict their size. */
const LEAST_PICTURES_BYTES = 1_024 * 1_024;
/** If the wait for memory was longer, the portrait first checks whether its batch was paused. */
const SHORT_WAIT_MS = 2_000;

/**
 * Reserves memory for an answer that contains its pictures, from before the call until they are stored. A portrait
 * always acquires this budget before `pictureMemory`, never inside it, so that two portraits cannot deadlock.
 */
export function withAnswerRoom<T>(run: PreparedRun, work: () => Promise<T>): Promise<T> {
  const { context, lane, claim, prepared, signal } = run;
  const { answerMemory, outgrownAnswers, ledger } = context;
  const { source, recipe, row } = prepared;
  if (lane.provider.answersWith === "links" || source === undefined) return work();
  const format = formatOfKey(row.destination) === "png" ? "png" : "jpeg";
  const ofStep = (step: number): number => answerBytes(source.probe, picturesOfStep(recipe, step), format);
  const last = recipe.steps.length - 1;
  // A later step also holds the previous step's picture.
  const bytes = ofStep(last) + (last > 0 ? ofStep(last - 1) : 0);
  const since = performance.now();
  const begin = async (): Promise<T> => {
    // If the batch was paused during the wait, the worker hands the job back instead of paying.
    if (
      performance.now() - since > SHORT_WAIT_MS &&
      (await ledger.readForDispatch(claim.spec.id))?.state === "paused"
    ) {
      throw new RunEnded({ kind: "hand-back", reason: "memory" });
    }
    const pictures = answerBytes(source.probe, picturesOfStep(recipe, last) - 1, format);
    const room = new AnswerRoom(outgrownAnswers, Math.max(LEAST_PICTURES_BYTES, pictures), signal);
    run.answerRoom = room;
    try {
      return await work();
    } finally {
      run.answerRoom = undefined;
      room.close();
    }
  };
  return answerMemory.use(bytes, begin, signal);
}
