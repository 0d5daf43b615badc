import { createHash } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { batchKeys, canonicalJson, type ObjectStore } from "@darkroom/core";

/** Where approved results of a batch were copied, and the template of their names. */
export interface NamedPlace {
  readonly url: string;
  /** Undefined for the results' own keys. */
  readonly template: string | undefined;
}

/**
 * Records a place for copies before the first copy is made.
 *
 * @param results the store of the batch's results
 * @returns the other templates that named copies at this place before, so that a later withdrawal finds those copies
 */
export async function noteFinalPlace(
  results: ObjectStore,
  batchId: string,
  place: NamedPlace,
): Promise<readonly NamedPlace["template"][]> {
  const { finalPlacesPrefix, finalPlace } = batchKeys(batchId);
  const text = canonicalJson(place);
  const key = finalPlace(createHash("sha256").update(text).digest("hex").slice(0, 16));
  const former: NamedPlace["template"][] = [];
  let isNoted = false;
  for await (const { key: other } of results.list({ prefix: finalPlacesPrefix })) {
    if (other === key) {
      isNoted = true;
      continue;
    }
    const { url, template } = JSON.parse(
      (await buffer((await results.get(other)).body)).toString("utf8"),
    ) as NamedPlace;
    if (url === place.url) former.push(template);
  }
  if (!isNoted) await results.put(key, Buffer.from(text), { contentType: "application/json" });
  return former;
}
