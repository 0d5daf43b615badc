import { protocolMs } from "../protocol-ms.ts";

/** Interval at which a batch's producer updates the running marker in the batch's folder. */
export const SIGN_EVERY_MS = protocolMs(60_000);
/** How long a batch counts as running after its last marker. Two updates may fail or be late. */
export const SIGN_LASTS_MS = protocolMs(180_000);

/** A batch's running marker. */
export interface RunningSign {
  /** Epoch ms. */
  readonly at: number;
  /** Marks of the Redis that has the batch. Any of the marks identifies it. */
  readonly by: readonly string[];
}

export function runningSignText({ at, by }: RunningSign): string {
  return `${JSON.stringify({ at: new Date(at).toISOString(), by })}\n`;
}

/** @returns undefined for invalid text, which callers ignore */
export function parseRunningSign(text: string): RunningSign | undefined {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof found !== "object" || found === null || !("at" in found) || !("by" in found)) return undefined;
  const at = Date.parse(String(found.at));
  return Number.isNaN(at) || !Array.isArray(found.by) ? undefined : { at, by: found.by.map(String) };
}

/**
 * Checks whether another Redis seems to run a batch that this Redis does not know, because rebuilding it here would pay
 * for its portraits twice. Ignores a marker of this same Redis, which has since forgotten the batch.
 *
 * @param ours the marks of the Redis that would run the batch
 * @returns age of the other Redis' last marker (ms); undefined if the batch may be rebuilt
 */
export function runsElsewhere(
  sign: RunningSign | undefined,
  ours: readonly string[],
  nowMs: number,
): number | undefined {
  if (sign === undefined || sign.by.some((mark) => ours.includes(mark))) return undefined;
  const agoMs = nowMs - sign.at;
  // A clock that is ahead of the local one must not make a marker look old.
  return agoMs < SIGN_LASTS_MS ? Math.max(0, agoMs) : undefined;
}
