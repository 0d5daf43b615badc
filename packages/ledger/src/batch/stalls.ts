import { protocolMs } from "@darkroom/core";
import type { WaitReason } from "@darkroom/core";
import { clearStall, noteStall } from "../scripts/batch-scripts.ts";
import type { RunScript } from "../scripts/run-script.ts";

/** A producer's duties for a batch that can fail. */
const DUTIES = ["ingest", "control", "drain", "reopen", "finish", "retire", "care"] as const;

export type Duty = (typeof DUTIES)[number];

/** A failing duty. The batch waits until the duty succeeds. */
export interface Stall {
  readonly duty: Duty;
  readonly reason: WaitReason;
  readonly message: string;
  /** Epoch ms, Redis' clock. */
  readonly sinceMs: number;
  /** Number of failures so far. */
  readonly tries: number;
  /** Epoch ms, Redis' clock. */
  readonly nextLookMs: number;
}

/** Delay between the first two attempts, and maximum delay between any two. */
const FIRST_WAIT_MS = protocolMs(1_000);
const LONGEST_WAIT_MS = protocolMs(60_000);
const MOST_LETTERS = 500;

/** Records in a batch's meta hash the wait reason while a producer's duty fails. */
export class Stalls {
  readonly #run: RunScript;

  constructor(run: RunScript) {
    this.#run = run;
  }

  /** @returns ms until the next attempt, which doubles with each failure up to a minute */
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

/** Returns the stalls in a batch's meta hash. */
export function parseStalls(meta: Readonly<Record<string, string>>): readonly Stall[] {
  return DUTIES.flatMap((duty) => {
    const text = meta[`stall:${duty}`];
    return text === undefined ? [] : [{ duty, ...(JSON.parse(text) as Omit<Stall, "duty">) }];
  });
}
