import type { BatchStatus, OutcomeCode, PortraitState } from "@darkroom/core";

export type { BatchStatus };

export interface BatchPage {
  readonly batches: readonly BatchStatus[];
  readonly nextBefore: string | null;
}

/** The outcome of a portrait, as returned by the API. */
interface PortraitOutcome {
  readonly code: OutcomeCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly billed: "no" | "yes" | "maybe" | null;
  readonly attempts: number | null;
  readonly costUsd: number | null;
  readonly at: string | null;
}

export interface Portrait {
  readonly index: number;
  readonly id: string | null;
  readonly state: PortraitState;
  readonly source: string | null;
  readonly destination: string | null;
  readonly outcome: PortraitOutcome | null;
}
