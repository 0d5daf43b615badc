import { batchKeys, leftOutPartText, type BatchSpec, type LeftOut } from "@darkroom/core";
import type { ProducerContext } from "../context.ts";
import { CSV_START, csvText } from "@darkroom/archive";

/** Writes the objects that the listing left out, one line per type. Writes no file if nothing was left out. */
export async function putLeftOut(
  { openStore, csvSeparator }: Pick<ProducerContext, "openStore" | "csvSeparator">,
  { id, destination }: Pick<BatchSpec, "id" | "destination">,
  leftOut: LeftOut,
): Promise<void> {
  if (leftOut.length === 0) return;
  const rows = leftOut.map((part) => [part.count, part.kind, leftOutPartText(part, part.examples.length)]);
  const text = CSV_START + csvText([["count", "kind", "what"], ...rows], csvSeparator);
  const store = openStore(destination.url);
  await store.put(batchKeys(id).leftOutCsv, Buffer.from(text), { contentType: "text/csv; charset=utf-8" });
}
