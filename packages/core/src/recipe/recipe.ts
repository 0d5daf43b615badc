import { z } from "zod";
import { DELIVERY_NAMES, deliverySchema, placeOfDelivery } from "./deliveries.ts";
import { formatOfWord } from "./format-words.ts";
import { PRESET_NAMES } from "./presets.ts";
import { MAX_ANSWER_CHARS, MAX_ANSWERS } from "./answer-limits.ts";
import { facePolicySchema } from "../likeness/photo-faces.ts";
import { likenessPolicySchema } from "../likeness/likeness-policy.ts";
import { MAX_NOTE_CHARS } from "../review/review.ts";
import { lineSchema, textSchema } from "../written-text.ts";

export const MODES = ["max", "eco"] as const;
export const INTENSITIES = ["subtle", "moderate", "dramatic"] as const;
export const USE_CASES = ["headshot", "linkedin", "website", "print", "social"] as const;
export const PROVIDERS = ["each-sense", "phota"] as const;
const OUTPUT_FORMATS = ["source", "jpeg", "png", "webp"] as const;
/** The accepted names of a result's format. */
export const OUTPUT_FORMAT_WORDS = [...OUTPUT_FORMATS, "jpg"] as const;

export const DEFAULT_INTENSITY = "subtle";
export const DEFAULT_USE_CASE = "headshot";

/** Maximum length of a prompt at each::sense, in characters (provider contract A.2). */
export const MAX_PROMPT_CHARS = 10_000;
/** Maximum number of turns per portrait; a session keeps 50 messages (contract A.6). */
export const MAX_STEPS = 8;

export type Mode = (typeof MODES)[number];
export type Intensity = (typeof INTENSITIES)[number];
export type UseCase = (typeof USE_CASES)[number];
export type ProviderName = (typeof PROVIDERS)[number];
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** True if the provider can be queried later about a call. */
export function remembersCalls(provider: ProviderName): boolean {
  return provider !== "phota";
}

const promptSchema = textSchema(MAX_PROMPT_CHARS);

/** One turn with the provider: a preset, or a custom prompt. */
const stepSchema = z.union([
  z.strictObject({ preset: z.enum(PRESET_NAMES) }),
  z.strictObject({ prompt: promptSchema }),
]);

/** A recipe's retry limits. Fields that are absent default to the deployment's settings. */
export const retrySchema = z.strictObject({
  /** Provider failures after which a portrait fails. */
  attempts: z.int().min(1).max(20).optional(),
  /** Upper bound of the first backoff. Doubles with each attempt. */
  backoffBaseMs: z.int().min(100).max(3_600_000).optional(),
  /** Maximum backoff. */
  backoffCapMs: z.int().min(100).max(86_400_000).optional(),
});

export type RetryPolicy = z.infer<typeof retrySchema>;

/** Maximum number of pictures per call (provider contract B). */
export const MAX_VARIATIONS = 4;

/** The pictures that are stored for each portrait. */
export const outputSchema = z.strictObject({
  format: z.enum(OUTPUT_FORMAT_WORDS).transform(formatOfWord).pipe(z.enum(OUTPUT_FORMATS)),
  /** Pictures per portrait, stored side by side. The first is the main picture. Defaults to 1. */
  variations: z.int().min(1).max(MAX_VARIATIONS).optional(),
  /** Minimum length of a result's sides, as a share of the source's. Defaults to one half. */
  leastShare: z.number().min(0).max(1).optional(),
  /** Cuts of the main picture, each at most once. */
  deliveries: z
    .array(deliverySchema)
    .max(DELIVERY_NAMES.length)
    .refine((wished) => new Set(wished.map(({ name }) => name)).size === wished.length, {
      error: "each delivery may be named once",
    })
    .refine((wished) => new Set(wished.map(placeOfDelivery)).size === wished.length, {
      error: "two deliveries would have the same key; put {delivery} into their templates",
    })
    .optional(),
});

export type Output = z.infer<typeof outputSchema>;

const answerSchema = textSchema(MAX_ANSWER_CHARS);

/** The treatment of every portrait of a batch. */
export const recipeSchema = z.strictObject({
  provider: z.enum(PROVIDERS),
  mode: z.enum(MODES),
  steps: z.array(stepSchema).min(1).max(MAX_STEPS),
  intensity: z.enum(INTENSITIES),
  useCase: z.enum(USE_CASES),
  /** The parts that must stay unchanged, as text ("the glasses"). */
  preserve: z.array(lineSchema(200)).max(20),
  /** The desired outcome, as text. */
  outcome: textSchema(500).optional(),
  /** Sent once if the provider's agent asks a question. */
  clarificationAnswer: answerSchema.optional(),
  /** Answers to earlier questions. Each takes precedence over the standing answer. */
  answers: z
    .array(z.strictObject({ question: z.string().trim().min(1), answer: answerSchema }))
    .max(MAX_ANSWERS)
    .optional(),
  output: outputSchema,
  retry: retrySchema.optional(),
  /** Defaults to {@link DEFAULT_FACE_POLICY}. */
  faces: facePolicySchema.optional(),
  /** Defaults to `review`. */
  likeness: likenessPolicySchema.optional(),
  /**
   * How a new result must differ from an earlier one, as a note. `times` distinguishes two orders with the same note.
   */
  redo: z.strictObject({ note: textSchema(MAX_NOTE_CHARS), times: z.int().min(1) }).optional(),
});

export type Recipe = z.infer<typeof recipeSchema>;
export type RecipeStep = z.infer<typeof stepSchema>;

const MODE_NEEDED =
  'is required: "eco" (fast and cheap: previews, drafts, bulk) or "max" (high quality: final work, print)';

/** The fields of a recipe as written by users. Only the mode is required, and only for a provider with modes. */
export const recipeInputFields = {
  provider: z.enum(PROVIDERS).optional(),
  preset: z.enum(PRESET_NAMES).optional(),
  prompt: promptSchema.optional(),
  steps: z.array(stepSchema).min(1).max(MAX_STEPS).optional(),
  mode: z.enum(MODES, { error: MODE_NEEDED }).optional(),
  intensity: z.enum(INTENSITIES).optional(),
  useCase: z.enum(USE_CASES).optional(),
  preserve: z.array(lineSchema(200)).max(20).optional(),
  outcome: textSchema(500).optional(),
  clarificationAnswer: answerSchema.optional(),
  output: outputSchema.partial({ format: true }).optional(),
  retry: retrySchema.optional(),
  faces: facePolicySchema.optional(),
  likeness: likenessPolicySchema.optional(),
} as const;

/** The capabilities of each provider. Phota has no modes, and makes several pictures per call (provider contract B). */
const ABILITIES: Readonly<Record<ProviderName, { readonly modes: boolean; readonly variations: boolean }>> = {
  "each-sense": { modes: true, variations: false },
  phota: { modes: false, variations: true },
};

/** The default provider of a recipe. */
export const DEFAULT_PROVIDER: ProviderName = "each-sense";

/** True if a recipe for this provider must name a mode. */
export function hasModes(provider: ProviderName): boolean {
  return ABILITIES[provider].modes;
}

/** True if a provider makes several pictures per call. */
export function hasVariations(provider: ProviderName): boolean {
  return ABILITIES[provider].variations;
}

/**
 * Returns the number of pictures that a step orders. Only the last step's pictures are delivered, so earlier steps
 * order one.
 *
 * @param step from 0
 */
export function picturesOfStep({ steps, output }: Pick<Recipe, "steps" | "output">, step: number): number {
  return step === steps.length - 1 ? (output.variations ?? 1) : 1;
}

/** A recipe as written by users: one preset, one prompt, or steps. The mode is required if the provider has modes. */
export const recipeInputSchema = z
  .strictObject(recipeInputFields)
  .refine((input) => [input.preset, input.prompt, input.steps].filter((part) => part !== undefined).length === 1, {
    error: "a recipe names exactly one of preset, prompt or steps",
    path: ["preset"],
  })
  .refine(({ mode, provider = DEFAULT_PROVIDER }) => mode !== undefined || !ABILITIES[provider].modes, {
    error: MODE_NEEDED,
    path: ["mode"],
  })
  .refine(
    ({ output, provider = DEFAULT_PROVIDER }) => (output?.variations ?? 1) === 1 || ABILITIES[provider].variations,
    {
      error: `each::sense makes one picture per portrait; omit variations, or set the provider to "phota", which makes up to ${MAX_VARIATIONS}`,
      path: ["output", "variations"],
    },
  );

export type RecipeInput = z.infer<typeof recipeInputSchema>;

/** Fills in the defaults of a user's recipe. */
export function resolveRecipe(input: RecipeInput): Recipe {
  const steps = input.steps ?? [input.preset === undefined ? { prompt: input.prompt ?? "" } : { preset: input.preset }];
  return {
    provider: input.provider ?? DEFAULT_PROVIDER,
    mode: input.mode ?? "max",
    steps,
    intensity: input.intensity ?? DEFAULT_INTENSITY,
    useCase: input.useCase ?? DEFAULT_USE_CASE,
    preserve: input.preserve ?? [],
    ...(input.outcome === undefined ? {} : { outcome: input.outcome }),
    ...(input.clarificationAnswer === undefined ? {} : { clarificationAnswer: input.clarificationAnswer }),
    output: { ...input.output, format: input.output?.format ?? "source" },
    ...(input.retry === undefined ? {} : { retry: input.retry }),
    ...(input.faces === undefined ? {} : { faces: input.faces }),
    ...(input.likeness === undefined ? {} : { likeness: input.likeness }),
  };
}

/** The columns of a manifest row that override the recipe for that portrait. */
export interface RecipeOverrides {
  readonly prompt?: string;
  readonly preset?: string;
  readonly mode?: string;
  readonly intensity?: string;
}

/** Returns the batch's recipe with one row's overrides. The row was validated at ingest, so an invalid value throws. */
export function recipeFor(recipe: Recipe, row: RecipeOverrides): Recipe {
  if (row.prompt === undefined && row.preset === undefined && row.mode === undefined && row.intensity === undefined) {
    return recipe;
  }
  const steps =
    row.preset !== undefined
      ? [{ preset: row.preset }]
      : row.prompt !== undefined
        ? [{ prompt: row.prompt }]
        : recipe.steps;
  return recipeSchema.parse({
    ...recipe,
    steps,
    mode: row.mode ?? recipe.mode,
    intensity: row.intensity ?? recipe.intensity,
  });
}
