import { type BatchSpec, type LeftOut, type Quote } from "@darkroom/core";
import { readSnapshot } from "@darkroom/manifest";
import { QuoteCount, type QuoteReading } from "./quote-count.ts";

/** A batch whose source was read to its end. */
export interface ReadBatch {
  readonly spec: BatchSpec;
  readonly rows: number;
  readonly leftOut: LeftOut;
  /** Notes for the user about the source. */
  readonly sourceNote: string | undefined;
}

/**
 * Quotes an accepted batch from its own rows and prices. Pays for nothing and writes nothing.
 *
 * @throws DarkroomError when the batch's rows cannot be read
 */
export async function quoteBatch(
  { spec, rows, leftOut, sourceNote }: ReadBatch,
  reading: QuoteReading,
): Promise<Quote> {
  const { id, recipe, lane, source, destination, prices, control } = spec;
  const { fallback, maxCostUsd } = control ?? {};
  const { url: destinationUrl, template, overwrite } = destination;
  const { allowPrivateSources = false } = reading;
  const work = {
    recipe,
    lane,
    fallback,
    destinationUrl,
    template,
    source,
    prices,
    maxCostUsd,
    overwrite,
    allowPrivateSources,
  };
  const count = new QuoteCount(work);
  for await (const some of readSnapshot(reading.openStore(destination.url), id, rows)) {
    reading.signal?.throwIfAborted();
    for (const row of some) count.add(row);
  }
  const quote = await count.quote({ leftOut, notes: sourceNote === undefined ? [] : [sourceNote] }, reading);
  // The batch is already accepted.
  return { ...quote, refusal: null };
}
