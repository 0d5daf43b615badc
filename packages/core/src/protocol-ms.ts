import { TIME_SCALE } from "#time-scale";

export { TIME_SCALE_ARGS } from "#time-scale";

/**
 * A duration that concerns only Darkroom's own processes: heartbeats, leases, checks, retry delays. Tests shorten all
 * of them by the same factor. Settings and durations promised to providers or users must not use this function.
 *
 * @param writtenMs the value outside of tests
 */
export function protocolMs(writtenMs: number): number {
  return Math.ceil(writtenMs / TIME_SCALE);
}
