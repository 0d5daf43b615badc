import { protocolMs } from "@darkroom/core";
import type { WaitReason } from "@darkroom/core";
import { clearStall, noteStall } from "../scripts/batch-scripts.ts";
import type { RunScript } from "../scripts/run-script.ts";

/** What a producer does for a batch and can fail at. */
const DUTIES = ["ingest", "control", "drain", "reopen", "finish", "retire", "care"] as const;

export type Duty = (typeof DUTIES)[number];

/** A duty that fails: the batch waits until it succeeds. */
export interface Stall {
  readonly duty: Duty;
  readonly reason: WaitReason;
  readonly message: string;
  /** Epoch ms, Redis' clock. */
  readonly sinceMs: number;
  /** Failures so far. */
  readonly tries: number;
  /** Epoch ms, Redis' clock. */
  readonly nextLookMs: number;
}

/** Between the first two tries of a duty, and between any two at most. */
const FIRST_WAIT_MS = protocolMs(1_000);
const LONGEST_WAIT_MS = protocolMs(60_000);
const MOST_LETTERS = 500;

/** Notes what a batch waits for while its producer fails at a duty, in the batch's meta hash. */
export class Stalls {
  readonly #run: RunScript;

  constructor(run: RunScript) {
    this.#run = run;
  }

  /** @returns ms until the duty is tried again: twice as long after each failure, and never longer than a minute */
  async note(batchId: string, duty: Duty, reason: WaitReason, message: string): Promise<number> {
    const args = {
      duty,
      reason,
      message: message.slice(0, MOST_LETTERS),
      firstMs: FIRST_WAIT_MS,
      mostMs: LONGEST_WAIT_MS,
    };
    return (await this.#run(noteStall, batchId, args)) as number;
  }

  async clear(batchId: string, duty: Duty): Promise<void> {
    await this.#run(clearStall, batchId, { duty });
  }
}

/** The stalls in a batch's meta hash. */
export function parseStalls(meta: Readonly<Record<string, string>>): readonly Stall[] {
  return DUTIES.flatMap((duty) => {
    const text = meta[`stall:${duty}`];
    return text === undefined ? [] : [{ duty, ...(JSON.parse(text) as Omit<Stall, "duty">) }];
  });
}
