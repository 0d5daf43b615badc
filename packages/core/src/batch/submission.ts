import { z } from "zod";
import { overwriteSchema } from "../delivery/at-destination.ts";
import { breakerSchema, controlSchema, fallbackInputSchema } from "./control.ts";
import { manifestSourcesSchema } from "./manifest-sources.ts";
import { recipeInputSchema } from "../recipe/recipe.ts";
import { isHours, isTimeZone } from "./run-window.ts";
import { lineSchema } from "../written-text.ts";

/** A row in the body of a submission, with the columns of a manifest. Unknown columns are copied to the report. */
const inlineRowSchema = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]),
);

/** Maximum number of rows in the body. Larger lists must be manifests. */
const MAX_INLINE_ROWS = 1_000;

/** A name that a user chooses, such as a batch's. Terminals show it, and some terminals execute control sequences. */
export const givenNameSchema = lineSchema(200);

/**
 * A batch as submitted by a user or program, with exactly one of `source` (a prefix, or a manifest in an object store)
 * and `rows`. Replaced by the request's file when a manifest is uploaded.
 */
export const submissionSchema = z.strictObject({
  name: givenNameSchema.optional(),
  /** `s3://bucket/prefix/`, `s3://bucket/team.csv`, or a `file://` URL where the server allows local folders. */
  source: z.string().min(1).optional(),
  rows: z.array(inlineRowSchema).min(1).max(MAX_INLINE_ROWS).optional(),
  /**
   * Relative sources of a manifest's rows are keys under this URL, and rows may name no other stores. Defaults to the
   * manifest's own folder.
   */
  baseUrl: z.string().min(1).optional(),
  manifestSources: manifestSourcesSchema
    .optional()
    .describe(
      "Prefixes of stores outside of baseUrl that the manifest's rows may name, or any. For a manifest whose author may read them.",
    ),
  carry: z
    .array(lineSchema(200))
    .max(100)
    .optional()
    .describe(
      "Columns of the manifest or rows to copy to the report unchanged, even if a name is, or resembles, one that Darkroom interprets.",
    ),
  skipBadRows: z
    .boolean()
    .optional()
    .describe(
      "Enhance the good rows of a manifest that has bad ones; each bad row ends as invalid_row. Without it such a manifest is refused.",
    ),
  include: z.array(z.string().min(1)).max(100).optional(),
  exclude: z.array(z.string().min(1)).max(100).optional(),
  destination: z.string().min(1),
  /** Template of the destination key, for example `{department}/{id}.{ext}`. Defaults to the source's relative path. */
  template: z.string().min(1).max(500).optional(),
  overwrite: overwriteSchema
    .optional()
    .describe(
      "What else may be replaced at a result's key: false nothing, \"other-recipe\" what another recipe has made of the same photo, true also another portrait's result and what was not made by Darkroom. A portrait whose key is taken ends as destination_taken, unpaid; with false, a portrait with another recipe's result of its photo is skipped as kept. Without this field, a submission whose first photos have results of another recipe is refused (409).",
    ),
  recipe: recipeInputSchema,
  /** The provider account. Defaults to the recipe's provider. */
  lane: z.string().min(1).max(60).optional(),
  confirm: controlSchema.shape.confirm.describe("Start no portrait before the batch is confirmed."),
  pilot: controlSchema.shape.pilot.describe(
    "Enhance this many portraits first, spread over the batch, then wait for approval.",
  ),
  maxCostUsd: controlSchema.shape.maxCostUsd.describe("Maximum cost of the batch in USD, including work in flight."),
  breaker: z
    .union([breakerSchema.partial(), z.boolean()])
    .optional()
    .describe("Pauses the batch when too many portraits fail for the same cause; false disables it."),
  between: z
    .string()
    .refine(isHours, { error: 'must be hours like "22:00-06:00"' })
    .optional()
    .describe("Start portraits only within these hours; requires timeZone."),
  timeZone: z
    .string()
    .refine(isTimeZone, { error: 'must be an IANA time zone name, like "Europe/Berlin"' })
    .optional()
    .describe("IANA name of the time zone of `between`."),
  deadline: controlSchema.shape.deadline.describe("Start no portrait after this time; ISO 8601 with an offset."),
  fallback: fallbackInputSchema
    .optional()
    .describe(
      "Another lane, or the first lane of another provider, that takes over when this one stays blocked for this long.",
    ),
});

export type Submission = z.infer<typeof submissionSchema>;
