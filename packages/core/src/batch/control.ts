import { z } from "zod";
import { PROVIDERS } from "../recipe/recipe.ts";
import { runWindowSchema } from "./run-window.ts";

/** The failure breaker's minimum number of ended portraits, and maximum share of failures with one code. */
export const DEFAULT_BREAKER: Breaker = { minimum: 10, failurePercent: 30 };
/** Maximum number of portraits in a pilot. */
export const MAX_PILOT = 1_000;

export const breakerSchema = z.strictObject({
  /** Minimum number of ended portraits. */
  minimum: z.int().min(1).max(200),
  /** The batch pauses if more than this percentage of the latest portraits failed with the same code. */
  failurePercent: z.number().min(0).max(100),
});

export type Breaker = z.infer<typeof breakerSchema>;

/** Shortest and longest time that a batch's lane may be blocked before a fallback takes over. */
const MIN_FALLBACK_MINUTES = 0.01;
const MAX_FALLBACK_MINUTES = 10_080;

const afterMinutes = z.number().min(MIN_FALLBACK_MINUTES).max(MAX_FALLBACK_MINUTES);

/** The fallback for a blocked lane, as written by the user. */
export const fallbackInputSchema = z
  .strictObject({
    lane: z.string().min(1).max(60).optional(),
    /** Uses the first lane of this provider. */
    provider: z.enum(PROVIDERS).optional(),
    afterMinutes,
  })
  .refine(({ lane, provider }) => (lane === undefined) !== (provider === undefined), {
    error: "a fallback names exactly one of lane or provider",
    path: ["lane"],
  });

/** The fallback, as frozen with the batch. */
export const fallbackSchema = z.strictObject({
  lane: z.string(),
  /** The lane's provider at submission. */
  provider: z.enum(PROVIDERS),
  /** How long the batch's own lane must have been blocked. */
  afterMinutes,
});

export type Fallback = z.infer<typeof fallbackSchema>;

/** A user's limits against unintended costs, frozen with the batch. */
export const controlSchema = z.strictObject({
  /** No portrait starts before a user has confirmed the batch. */
  confirm: z.boolean().optional(),
  /** Number of portraits, spread over the batch, that are enhanced first. The batch then waits for approval. */
  pilot: z.int().min(1).max(MAX_PILOT).optional(),
  /** Maximum cost of the batch in USD, including work in flight. */
  maxCostUsd: z.number().positive().max(10_000_000).optional(),
  /** Defaults to the deployment's setting; false disables it. */
  breaker: z.union([breakerSchema, z.literal(false)]).optional(),
  /** Portraits start only within these hours. */
  window: runWindowSchema.optional(),
  /** No portrait starts after this time. The remaining portraits end as `deadline_passed`. */
  deadline: z.iso.datetime({ offset: true }).optional(),
  /** The lane that takes over when the batch's own lane stays blocked. Defaults to none: the batch waits. */
  fallback: fallbackSchema.optional(),
});

export type Control = z.infer<typeof controlSchema>;

/** The causes that can pause a batch. */
export const PAUSERS = ["person", "breaker", "budget"] as const;

export type Pauser = (typeof PAUSERS)[number];
