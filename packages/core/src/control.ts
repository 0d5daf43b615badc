import { z } from "zod";
import { runWindowSchema } from "./run-window.ts";

/** Portraits that a batch has ended before its failure breaker may act; and the share of one cause that is too much. */
export const DEFAULT_BREAKER: Breaker = { minimum: 10, failurePercent: 30 };
/** The most portraits that a pilot may take. */
export const MAX_PILOT = 1_000;

export const breakerSchema = z.strictObject({
  /** Ended portraits before it may act. */
  minimum: z.int().min(1).max(200),
  /** More than this percentage of the last portraits failed for the same cause. */
  failurePercent: z.number().min(0).max(100),
});

export type Breaker = z.infer<typeof breakerSchema>;

/** What a person has set against spending money on the wrong thing; frozen with the batch. */
export const controlSchema = z.strictObject({
  /** Nothing is started before somebody has confirmed the batch. */
  confirm: z.boolean().optional(),
  /** So many portraits, spread over the batch, are enhanced first; then it waits for approval. */
  pilot: z.int().min(1).max(MAX_PILOT).optional(),
  /** USD that the batch may cost; work in flight is counted in. */
  maxCostUsd: z.number().positive().max(10_000_000).optional(),
  /** Defaults to the deployment's own; false turns it off. */
  breaker: z.union([breakerSchema, z.literal(false)]).optional(),
  /** Portraits are started within these hours only. */
  window: runWindowSchema.optional(),
  /** Nothing is started after this moment; what is not done by then ends as `deadline_passed`. */
  deadline: z.iso.datetime({ offset: true }).optional(),
});

export type Control = z.infer<typeof controlSchema>;

/** Who or what paused a batch. */
export const PAUSERS = ["person", "breaker", "budget"] as const;

export type Pauser = (typeof PAUSERS)[number];
