import { formatOfKey, picturesOfStep } from "@darkroom/core";
import { answerBytes, type MemoryBudget } from "@darkroom/imaging";
import type { PreparedRun } from "../run/portrait-run.ts";
import { RunEnded } from "../run/run-ending.ts";

/** Pictures of an answer may take so much whatever was set aside for them: of small photos one cannot tell. */
const LEAST_PICTURES_BYTES = 1_024 * 1_024;
/** After a longer wait it is asked whether the batch still runs. */
const SHORT_WAIT_MS = 2_000;

/**
 * Runs a portrait's calls and the storing of what they give. Where the provider's answers hold their pictures, there is
 * room for these first, and until they are stored: they wait in memory for their turn. This budget is entered before
 * `pictureMemory` and never within it, so that no two portraits wait for each other.
 */
export function withAnswerRoom<T>(run: PreparedRun, work: () => Promise<T>): Promise<T> {
  const { context, lane, claim, prepared, signal } = run;
  const { answerMemory, outgrownAnswers, ledger } = context;
  const { source, recipe, row } = prepared;
  if (lane.provider.answersWith === "links" || source === undefined) return work();
  const format = formatOfKey(row.destination) === "png" ? "png" : "jpeg";
  const ofStep = (step: number): number => answerBytes(source.probe, picturesOfStep(recipe, step), format);
  const last = recipe.steps.length - 1;
  // A further step holds the picture of the one before.
  const bytes = ofStep(last) + (last > 0 ? ofStep(last - 1) : 0);
  const since = performance.now();
  const begin = async (): Promise<T> => {
    // What a pause has met waiting is not paid for after it: its job goes back, and is parked.
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

/**
 * What is set aside for the pictures of a portrait's answers. An answer that has more is read on only while no other such
 * one is in memory; until then its connection is paused. Who has that place waits for nobody who waits for it.
 */
export class AnswerRoom {
  readonly #outgrown: MemoryBudget;
  readonly #bytes: number;
  readonly #signal: AbortSignal;
  readonly #over = Promise.withResolvers<void>();
  #place: Promise<void> | undefined;
  #isOutgrown = false;

  /** @param outgrown a budget of one */
  constructor(outgrown: MemoryBudget, bytes: number, signal: AbortSignal) {
    this.#outgrown = outgrown;
    this.#bytes = bytes;
    this.#signal = signal;
  }

  /** @returns undefined where so many bytes may be held, or what to wait for before more is read */
  admit(bytes: number): Promise<void> | undefined {
    if (bytes <= this.#bytes || this.#isOutgrown) return undefined;
    this.#place ??= new Promise((resolve, reject) => {
      const hold = (): Promise<void> => {
        this.#isOutgrown = true;
        resolve();
        return this.#over.promise;
      };
      this.#outgrown.use(1, hold, this.#signal).catch(reject);
    });
    return this.#place;
  }

  /** The pictures are stored, or given up. */
  close(): void {
    this.#over.resolve();
  }
}
