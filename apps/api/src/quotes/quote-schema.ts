import { z } from "zod";
import { MODES, PROVIDERS, type Quote } from "@darkroom/core";
import { leftOutSchema } from "../batches/left-out-schema.ts";
import { named } from "../http/schema-names.ts";

const count = z.int().min(0);
const photos = z
  .array(z.object({ index: count, id: z.string(), source: z.string() }))
  .readonly()
  .describe("At most 10.");
const refusals = z
  .array(z.object({ index: count, id: z.string(), source: z.string(), message: z.string() }))
  .readonly()
  .describe("At most 10.");

const duplicates = z
  .array(
    z.object({
      index: count,
      id: z.string(),
      source: z.string(),
      of: z.string().nullable().describe("The earlier row's source, where it is known."),
      ofId: z.string().nullable().describe("The earlier row's id, where it is known."),
    }),
  )
  .readonly()
  .describe("At most 10.");

/** Core's `Quote` as the API shows it. */
export const quoteSchema = named(
  "Quote",
  z.object({
    provider: z.enum(PROVIDERS),
    lane: z.string().describe("The provider account that would do the work."),
    destination: z.string().describe("Store URL of the destination."),
    rows: count.describe("`goodRows` and `badRows` add up to it."),
    goodRows: count,
    badRows: count,
    firstBadRows: z
      .array(
        z.object({
          index: count,
          line: z.int().nullable().describe("Of the manifest, from 1."),
          field: z.string().nullable(),
          message: z.string(),
        }),
      )
      .readonly()
      .describe("At most 20."),
    destinationCollisions: count.describe("Bad rows whose destination an earlier row has taken."),
    duplicates: count.describe("Good rows with a photo that an earlier good row has already."),
    duplicatesBy: z
      .enum(["content", "source"])
      .describe("By ETag and size of a listing, or by the name of the source in a manifest."),
    duplicateExamples: duplicates,
    carriedColumns: z
      .array(z.string())
      .readonly()
      .describe("The manifest's columns that Darkroom does not know and carries to the report. At most 50."),
    leftOut: leftOutSchema,
    emptyReason: z.string().nullable().describe("Why a prefix has no photo at all."),
    sample: z
      .object({
        looked: count,
        missing: count,
        missingExamples: z
          .array(
            z.object({
              index: count,
              id: z.string(),
              source: z.string(),
              similar: z
                .string()
                .nullable()
                .describe("A key that is there and differs in case, accents or extension alone."),
              place: z.string().nullable().describe("The URL where it was looked for."),
            }),
          )
          .readonly()
          .describe("At most 10."),
        unreadable: count,
        unreadableExamples: refusals,
        refused: count.describe("Photos that the provider could not be given, converted or not."),
        refusedExamples: refusals,
        seemCut: count.describe(
          "Photos that seem to end before their picture does. They are tried; a damaged one is refused before it is paid.",
        ),
        seemCutExamples: photos,
        sameContent: count.describe("Photos that another one of the sample has too, under another name."),
        sameContentExamples: duplicates,
        alreadyDelivered: count.describe("The destination holds this photo with this recipe: it would be skipped."),
        simulated: count.describe(
          "The destination holds the simulator's picture of this photo: it would be made anew.",
        ),
        taken: count.describe(
          "The destination holds another portrait's result, or a file that Darkroom did not make: it would be refused, unless `overwrite` is set.",
        ),
        takenExamples: z
          .array(
            z.object({ index: count, id: z.string(), source: z.string(), destination: z.string(), what: z.string() }),
          )
          .readonly()
          .describe("At most 10."),
        ontoItself: count.describe("The destination is the photo itself: it would be refused."),
      })
      .describe(
        "What the first and last bytes of at most 50 photos spread over the batch said; of https:// links only those that name a private network themselves are among them, as refused.",
      ),
    cost: z.object({
      usd: z.number().nullable().describe("Every good row paid for once; null when a price is missing."),
      message: z.string().nullable().describe("Why there is no figure."),
      parts: z
        .array(z.object({ mode: z.enum(MODES), portraits: count, turns: count, usd: z.number().nullable() }))
        .readonly(),
    }),
    time: z
      .object({
        minSeconds: count.nullable(),
        maxSeconds: count.nullable(),
        message: z.string().nullable().describe("Why there is no figure."),
        concurrency: z.int().describe("Of the lane: calls at once."),
        ratePerMinute: z.number().nullable().describe("Of the lane: calls a minute."),
      })
      .describe("With the lane to itself and nothing tried twice."),
    warnings: z.array(z.string()).readonly(),
  }) satisfies z.ZodType<Quote>,
);
