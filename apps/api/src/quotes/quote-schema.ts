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
      of: z.string().nullable().describe("The earlier row's source, if known."),
      ofId: z.string().nullable().describe("The earlier row's id, if known."),
    }),
  )
  .readonly()
  .describe("At most 10.");

/** Core's `Quote` as returned by the API. */
export const quoteSchema = named(
  "Quote",
  z.object({
    provider: z.enum(PROVIDERS),
    lane: z.string().describe("The provider account that would do the work."),
    destination: z.string().describe("Store URL of the destination."),
    rows: count.describe("The sum of `goodRows` and `badRows`."),
    goodRows: count,
    badRows: count,
    firstBadRows: z
      .array(
        z.object({
          index: count,
          line: z.int().nullable().describe("Line of the manifest, from 1."),
          field: z.string().nullable(),
          message: z.string(),
        }),
      )
      .readonly()
      .describe("At most 20."),
    destinationCollisions: count.describe("Bad rows with the same destination as an earlier row."),
    duplicates: count.describe("Good rows with the same photo as an earlier good row."),
    duplicatesBy: z
      .enum(["content", "source"])
      .describe("By ETag and size in a listing, by source name in a manifest."),
    duplicateExamples: duplicates,
    carriedColumns: z
      .array(z.string())
      .readonly()
      .describe("The manifest's columns that Darkroom does not interpret and copies to the report. At most 50."),
    leftOut: leftOutSchema,
    emptyReason: z.string().nullable().describe("Why a prefix has no photo."),
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
                .describe("An existing key that differs only in case, accents or extension."),
              place: z.string().nullable().describe("The URL that was searched."),
            }),
          )
          .readonly()
          .describe("At most 10."),
        unreadable: count,
        unreadableExamples: refusals,
        refused: count.describe("Photos that cannot be sent to the provider, even converted."),
        refusedExamples: refusals,
        seemCut: count.describe(
          "Photos that seem to end before their picture does. They are tried; a damaged one is rejected before payment.",
        ),
        seemCutExamples: photos,
        sameContent: count.describe("Photos with the same content as another photo of the sample, under another name."),
        sameContentExamples: duplicates,
        alreadyDelivered: count.describe(
          "The destination already has this photo with this recipe: it would be skipped.",
        ),
        simulated: count.describe(
          "The destination has the simulator's picture of this photo, so the photo would be enhanced again.",
        ),
        otherRecipe: z
          .object({
            results: count,
            usd: z
              .number()
              .nullable()
              .describe(
                "What they cost, by the prices of the batches that made them; null where that is not known of all.",
              ),
            recipes: z.array(z.string()).readonly().describe("Short descriptions of the known recipes."),
          })
          .describe(
            "What another recipe has made of these photos at the destination. It would be refused, unless `overwrite` is set.",
          ),
        kept: count.describe("The order keeps another recipe's result of this photo, so the photo would be skipped."),
        taken: count.describe(
          "The destination has another portrait's result, or a file that Darkroom did not make: the portrait would be rejected, unless `overwrite` is set.",
        ),
        takenExamples: z
          .array(
            z.object({ index: count, id: z.string(), source: z.string(), destination: z.string(), what: z.string() }),
          )
          .readonly()
          .describe("At most 10."),
        ontoItself: count.describe("The destination is the photo itself, so the portrait would be rejected."),
        faces: z
          .object({
            looked: count.describe("Number of photos of the sample that were searched within about five seconds."),
            none: count.describe(
              "Photos without a face: refused before payment, unless the recipe's `faces` is `warn`.",
            ),
            noneExamples: photos,
            several: count.describe("Photos with several faces."),
            severalExamples: photos,
            samePerson: count.describe("Photos of the same person as an earlier photo."),
            samePersonExamples: duplicates,
          })
          .nullable()
          .describe("Null if face search is off, or no photo could be searched."),
      })
      .describe(
        "Findings from the first and last bytes of at most 50 photos spread over the batch. Of https:// links, it includes only those that name a private network, as refused.",
      ),
    cost: z.object({
      usd: z.number().nullable().describe("Cost if each good row is paid once; null when a price is missing."),
      message: z.string().nullable().describe("Why the amount is missing."),
      parts: z
        .array(z.object({ mode: z.enum(MODES), portraits: count, turns: count, usd: z.number().nullable() }))
        .readonly(),
    }),
    time: z
      .object({
        minSeconds: count.nullable(),
        maxSeconds: count.nullable(),
        message: z.string().nullable().describe("Why the duration is missing."),
        concurrency: z.int().describe("The lane's concurrent calls."),
        ratePerMinute: z.number().nullable().describe("The lane's calls per minute."),
      })
      .describe("Duration if only this batch uses the lane and nothing is retried."),
    warnings: z.array(z.string()).readonly(),
    refusal: z
      .string()
      .nullable()
      .describe("Why a submission would be refused; null for an accepted batch, and if no reason was found."),
  }) satisfies z.ZodType<Quote>,
);
