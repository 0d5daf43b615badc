import { z } from "zod";
import { recipeInputSchema } from "./recipe.ts";

/** One row of an inline submission; the same columns as a manifest's. Unknown columns are carried to the report. */
export const inlineRowSchema = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]),
);

/** The most rows that a submission may carry in its body; more belong into a manifest. */
export const MAX_INLINE_ROWS = 1_000;

/**
 * A batch as a person or a program submits it. Exactly one of `source` (a prefix, or a manifest in an object store) or
 * `rows`; an uploaded manifest comes as the body's file instead.
 */
export const submissionSchema = z.strictObject({
  name: z.string().trim().min(1).max(200).optional(),
  /** `s3://bucket/prefix/`, `s3://bucket/team.csv`, or a `file://` URL where the server allows local folders. */
  source: z.string().min(1).optional(),
  rows: z.array(inlineRowSchema).min(1).max(MAX_INLINE_ROWS).optional(),
  /** Relative sources of a manifest's rows are keys under this. Defaults to the manifest's own folder. */
  baseUrl: z.string().min(1).optional(),
  include: z.array(z.string().min(1)).max(100).optional(),
  exclude: z.array(z.string().min(1)).max(100).optional(),
  destination: z.string().min(1),
  /** Template of the destination key, for instance `{department}/{id}.{ext}`. Defaults to the source's relative path. */
  template: z.string().min(1).max(500).optional(),
  recipe: recipeInputSchema,
  /** The provider account. Defaults to the recipe's provider. */
  lane: z.string().min(1).max(60).optional(),
});

export type Submission = z.infer<typeof submissionSchema>;
