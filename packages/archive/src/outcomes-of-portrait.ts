import { batchKeys, isForgotten, isNewer, type ObjectStore, type OutcomeLine, type Round } from "@darkroom/core";
import { readReportPart } from "./report-part.ts";

/** Report parts read at once. */
const AT_ONCE = 8;

interface Portrait {
  readonly batchId: string;
  readonly index: number;
  readonly rounds: readonly Round[];
}

/**
 * Returns how a portrait ended in each round, oldest first. Reads every report part.
 *
 * @param undrained outcome lines that are in no report part yet, read before
 */
export async function outcomesOfPortrait(
  store: ObjectStore,
  { batchId, index, rounds }: Portrait,
  undrained: readonly OutcomeLine[],
): Promise<readonly OutcomeLine[]> {
  const ofRounds = new Map<number, OutcomeLine>();
  const add = (line: OutcomeLine): void => {
    if (line.index !== index || isForgotten(line, rounds)) return;
    const before = ofRounds.get(line.round ?? 0);
    if (before === undefined || isNewer(line, before)) ofRounds.set(line.round ?? 0, line);
  };
  const keys: string[] = [];
  for await (const { key } of store.list({ prefix: batchKeys(batchId).reportPrefix })) keys.push(key);
  for (let start = 0; start < keys.length; start += AT_ONCE) {
    const some = keys.slice(start, start + AT_ONCE);
    const parts = await Promise.all(some.map(async (key) => await readReportPart(store, batchId, key)));
    for (const part of parts) for (const { line } of part) add(line);
  }
  for (const line of undrained) add(line);
  return [...ofRounds.values()].toSorted((a, b) => (a.round ?? 0) - (b.round ?? 0));
}
