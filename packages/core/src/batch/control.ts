import { z } from "zod";
import { PROVIDERS } from "../recipe/recipe.ts";
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

/** The shortest and the longest time that a batch's lane may be blocked before a fallback takes over. */
const MIN_FALLBACK_MINUTES = 0.01;
const MAX_FALLBACK_MINUTES = 10_080;

const afterMinutes = z.number().min(MIN_FALLBACK_MINUTES).max(MAX_FALLBACK_MINUTES);

/** Who does a batch whose lane stays blocked, as a person says it. */
export const fallbackInputSchema = z
  .strictObject({
    lane: z.string().min(1).max(60).optional(),
    /** The first lane of this provider. */
    provider: z.enum(PROVIDERS).optional(),
    afterMinutes,
  })
  .refine(({ lane, provider }) => (lane === undefined) !== (provider === undefined), {
    error: "a fallback names exactly one of lane or provider",
    path: ["lane"],
  });

/** The same, as it is frozen with the batch. */
export const fallbackSchema = z.strictObject({
  lane: z.string(),
  /** The lane's, as it was at submission. */
  provider: z.enum(PROVIDERS),
  /** How long the batch's own lane must have been blocked. */
  afterMinutes,
});

export type Fallback = z.infer<typeof fallbackSchema>;

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
  /** The lane that takes over when the batch's own stays blocked. Defaults to none: the batch waits. */
  fallback: fallbackSchema.optional(),
});

export type Control = z.infer<typeof controlSchema>;

/** Who or what paused a batch. */
export const PAUSERS = ["person", "breaker", "budget"] as const;

export type Pauser = (typeof PAUSERS)[number];
