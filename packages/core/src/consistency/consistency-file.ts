import { z } from "zod";
import type { MeasureConsistency } from "./consistency.ts";
import { MEASURE_NAMES } from "./consistency-measures.ts";
import { pictureStatsSchema } from "./picture-stats.ts";

/** Maximum number of portraits in `consistency.json`. The report contains all portraits. */
export const MOST_LISTED = 1_000;

const measureSchema = z.object({
  measure: z.enum(MEASURE_NAMES),
  unit: z.enum(["EV", "log2", "share"]).describe("`log2`: a difference of one is a factor of two; `share`: 0 to 1."),
  score: z.int().describe("0 to 100, for this measure alone."),
  median: z.number().describe("The team's median."),
  spread: z.number().describe("Median distance from the team's median, scaled to a standard deviation."),
  limit: z.number().describe("A portrait further from the median than this stands out."),
}) satisfies z.ZodType<MeasureConsistency>;

/** Schema of `consistency.json`: how consistent a batch's portraits are, and which stand out. */
export const consistencyFileSchema = z.object({
  score: z
    .int()
    .nullable()
    .describe("0 to 100; at 100, no two portraits of the team differ visibly; null for fewer than three."),
  measured: z.int().describe("Number of compared portraits."),
  review: z.int().describe("Number of portraits that stand out."),
  measures: z.array(measureSchema).readonly(),
  portraits: z
    .array(
      z.object({
        index: z.int(),
        id: z.string(),
        destination: z.string(),
        reasons: z.array(z.string()).readonly().describe("Largest difference first."),
        stats: pictureStatsSchema,
      }),
    )
    .readonly()
    .describe(`The first ${MOST_LISTED} portraits that stand out; the report's column \`review\` has all.`),
});

export type ConsistencyFile = z.infer<typeof consistencyFileSchema>;
export type StandingOut = ConsistencyFile["portraits"][number];
