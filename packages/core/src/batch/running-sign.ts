import { protocolMs } from "../protocol-ms.ts";

/** The producer that looks after a batch leaves a sign of it in the batch's folder this often. */
export const SIGN_EVERY_MS = protocolMs(60_000);
/** For so long after its last sign a batch counts as running: two signs may fail or be late. */
export const SIGN_LASTS_MS = protocolMs(180_000);

/** What a batch's folder says of who runs it. */
export interface RunningSign {
  /** Epoch ms. */
  readonly at: number;
  /** Marks of the Redis that knows the batch; any of them is its alone. */
  readonly by: readonly string[];
}

export function runningSignText({ at, by }: RunningSign): string {
  return `${JSON.stringify({ at: new Date(at).toISOString(), by })}\n`;
}

/** @returns undefined for what is no sign: it says nothing */
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
 * Whether a batch that this Redis does not know seems to be run by another one: to rebuild it here would pay for the same
 * portraits in both. A sign of this very Redis, which has forgotten the batch since, is none of another.
 *
 * @param ours the marks of the Redis that is to run it
 * @returns how long ago the other one gave its last sign (ms); undefined where it may be rebuilt
 */
export function runsElsewhere(
  sign: RunningSign | undefined,
  ours: readonly string[],
  nowMs: number,
): number | undefined {
  if (sign === undefined || sign.by.some((mark) => ours.includes(mark))) return undefined;
  const agoMs = nowMs - sign.at;
  // A clock that is ahead of this one does not make a sign old.
  return agoMs < SIGN_LASTS_MS ? Math.max(0, agoMs) : undefined;
}
