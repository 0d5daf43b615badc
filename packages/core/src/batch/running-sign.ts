import { protocolMs } from "../protocol-ms.ts";

/** Interval at which a batch's producer writes a sign of life into the batch's folder. */
export const SIGN_EVERY_MS = protocolMs(60_000);
/** How long a batch counts as running after its last sign: two signs may fail or be late. */
export const SIGN_LASTS_MS = protocolMs(180_000);

/** A batch's sign of life. */
export interface RunningSign {
  /** Epoch ms. */
  readonly at: number;
  /** Marks of the Redis that has the batch; any of them identifies it. */
  readonly by: readonly string[];
}

export function runningSignText({ at, by }: RunningSign): string {
  return `${JSON.stringify({ at: new Date(at).toISOString(), by })}\n`;
}

/** @returns undefined for invalid text, which is ignored */
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
 * Checks whether another Redis seems to run a batch that this Redis does not know: rebuilding it here would pay for its
 * portraits twice. A sign of this same Redis, which has since forgotten the batch, does not count.
 *
 * @param ours the marks of the Redis that would run it
 * @returns age of the other Redis's last sign (ms); undefined if the batch may be rebuilt
 */
export function runsElsewhere(
  sign: RunningSign | undefined,
  ours: readonly string[],
  nowMs: number,
): number | undefined {
  if (sign === undefined || sign.by.some((mark) => ours.includes(mark))) return undefined;
  const agoMs = nowMs - sign.at;
  // A clock ahead of the local one does not make a sign old.
  return agoMs < SIGN_LASTS_MS ? Math.max(0, agoMs) : undefined;
}
