import { z } from "zod";
import { breakerSchema, controlSchema, fallbackInputSchema } from "./control.ts";
import { manifestSourcesSchema } from "./manifest-sources.ts";
import { recipeInputSchema } from "../recipe/recipe.ts";
import { isHours, isTimeZone } from "./run-window.ts";

// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** One row of an inline submission; the same columns as a manifest's. Unknown columns are carried to the report. */
const inlineRowSchema = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]),
);

/** The most rows that a submission may carry in its body; more belong into a manifest. */
const MAX_INLINE_ROWS = 1_000;

/**
 * A batch as a person or a program submits it. Exactly one of `source` (a prefix, or a manifest in an object store) or
 * `rows`; an uploaded manifest comes as the body's file instead.
 */
export const submissionSchema = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1)
    .max(200)
    // It is shown in terminals, which take some of them for commands.
    .refine((name) => !CONTROL.test(name), { error: "must hold no control character" })
    .optional(),
  /** `s3://bucket/prefix/`, `s3://bucket/team.csv`, or a `file://` URL where the server allows local folders. */
  source: z.string().min(1).optional(),
  rows: z.array(inlineRowSchema).min(1).max(MAX_INLINE_ROWS).optional(),
  /** Relative sources of a manifest's rows are keys under this, and rows may name nothing else in stores. Defaults to the manifest's own folder. */
  baseUrl: z.string().min(1).optional(),
  manifestSources: manifestSourcesSchema
    .optional()
    .describe(
      "Prefixes of stores outside of baseUrl that the manifest's rows may name, or any. For a manifest whose author may read them.",
    ),
  carry: z
    .array(z.string().trim().min(1).max(200))
    .max(100)
    .optional()
    .describe(
      "Columns of the manifest or the rows that are carried to the report as they are, also where a name is one of ours or seems to be one with a typo.",
    ),
  include: z.array(z.string().min(1)).max(100).optional(),
  exclude: z.array(z.string().min(1)).max(100).optional(),
  destination: z.string().min(1),
  /** Template of the destination key, for instance `{department}/{id}.{ext}`. Defaults to the source's relative path. */
  template: z.string().min(1).max(500).optional(),
  overwrite: z
    .boolean()
    .optional()
    .describe(
      "Replace what is at a result's key even where it is another portrait's result or was not made by Darkroom. Without it such a portrait ends as destination_taken, unpaid.",
    ),
  recipe: recipeInputSchema,
  /** The provider account. Defaults to the recipe's provider. */
  lane: z.string().min(1).max(60).optional(),
  confirm: controlSchema.shape.confirm.describe("Start nothing before somebody has confirmed the batch."),
  pilot: controlSchema.shape.pilot.describe(
    "Enhance so many portraits, spread over the batch, then wait for approval.",
  ),
  maxCostUsd: controlSchema.shape.maxCostUsd.describe("USD that the batch may cost, work in flight counted in."),
  breaker: z
    .union([breakerSchema.partial(), z.boolean()])
    .optional()
    .describe("Pauses the batch when too many portraits fail for the same cause; false turns it off."),
  between: z
    .string()
    .refine(isHours, { error: 'must be hours like "22:00-06:00"' })
    .optional()
    .describe("Start portraits within these hours only; needs timeZone."),
  timeZone: z
    .string()
    .refine(isTimeZone, { error: 'must be a time zone by its IANA name, like "Europe/Berlin"' })
    .optional()
    .describe("IANA name of the zone of `between`."),
  deadline: controlSchema.shape.deadline.describe("Start nothing after this moment; ISO 8601 with its offset."),
  fallback: fallbackInputSchema
    .optional()
    .describe(
      "Another lane, or the first lane of another provider, that takes over when this one stays blocked for so long.",
    ),
});

export type Submission = z.infer<typeof submissionSchema>;
