import { z } from "zod";
import type { MeasureConsistency } from "./consistency.ts";
import { MEASURE_NAMES } from "./consistency-measures.ts";
import { pictureStatsSchema } from "./picture-stats.ts";

/** The most portraits that `consistency.json` lists; the report has them all. */
export const MOST_LISTED = 1_000;

const measureSchema = z.object({
  measure: z.enum(MEASURE_NAMES),
  unit: z.enum(["EV", "log2", "share"]).describe("`log2`: one more is twice as much; `share`: 0 to 1."),
  score: z.int().describe("0 to 100, of this measure alone."),
  median: z.number().describe("The team's middle."),
  spread: z.number().describe("Median distance from the middle, as a standard deviation."),
  limit: z.number().describe("A portrait stands out that is further from the middle."),
}) satisfies z.ZodType<MeasureConsistency>;

/** What `consistency.json` holds: how much alike a batch's portraits are, and which stand out. */
export const consistencyFileSchema = z.object({
  score: z
    .int()
    .nullable()
    .describe("0 to 100, where 100 is a team of which no two portraits differ visibly; null for fewer than three."),
  measured: z.int().describe("Portraits that were compared."),
  review: z.int().describe("Portraits that stand out."),
  measures: z.array(measureSchema).readonly(),
  portraits: z
    .array(
      z.object({
        index: z.int(),
        id: z.string(),
        destination: z.string(),
        reasons: z.array(z.string()).readonly().describe("The plainest difference first."),
        stats: pictureStatsSchema,
      }),
    )
    .readonly()
    .describe(`Those that stand out, the first ${MOST_LISTED} of them; the report's column \`review\` has all.`),
});

export type ConsistencyFile = z.infer<typeof consistencyFileSchema>;
export type StandingOut = ConsistencyFile["portraits"][number];
