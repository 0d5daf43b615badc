import { z } from "zod";
import { OUTCOME_CODES } from "@darkroom/core";
import { named } from "../http/schema-names.ts";

const usd = z.number().nullable();
const link = z.object({ url: z.string(), expiresAt: z.iso.datetime() }).nullable();

/** What happened to one portrait. */
export const historySchema = named(
  "PortraitHistory",
  z.object({
    ends: z
      .array(
        z.object({
          round: z.int().min(0).describe("0 is the first."),
          at: z.iso.datetime(),
          code: z.enum(OUTCOME_CODES),
          message: z.string(),
          billed: z.enum(["no", "yes", "maybe"]),
          costUsd: usd,
          lostUsd: usd,
          maybeUsd: usd,
          attempts: z.int(),
          providerMs: z.number(),
          lane: z.string().nullable().describe("Null for the batch's own."),
        }),
      )
      .describe("How it ended in each round, oldest first."),
    calls: z
      .array(
        z.object({
          step: z.int().min(0),
          round: z.int().min(0),
          at: z.iso.datetime().describe("When the call was decided."),
          status: z
            .string()
            .describe("`intended`, `unpaid`, `unclear`, `answered`, `found`, `free`, `spent`, `lost` or `given-up`."),
          money: z.enum(["none", "open", "maybe", "paid", "lost"]).describe("The sum that contains its price."),
          priceUsd: usd,
          counts: z.string().nullable().describe("What a call without a picture counts as: `attempt`, `outage`, …"),
          session: z.string().nullable().describe("Of the provider."),
          lane: z.string(),
        }),
      )
      .describe("The provider's calls, while the portrait has not ended. Afterwards, `ends` has their sums."),
    before: link.describe("The photo; null if it is on the web, or another one has taken its place."),
    after: link.describe("The result; null without one."),
  }),
);

export type HistoryView = z.infer<typeof historySchema>;
