import { TIME_SCALE } from "#time-scale";

export { TIME_SCALE_ARGS } from "#time-scale";

/**
 * A time that only Darkroom's own processes keep among themselves: heartbeats, leases, looks, waits between tries. Tests
 * make all of them shorter together, so that they stay in proportion. A time that a provider or a person is owed, a time
 * limit of an answer, and every setting are not of this kind.
 *
 * @param writtenMs as it is outside of tests
 */
export function protocolMs(writtenMs: number): number {
  return Math.ceil(writtenMs / TIME_SCALE);
}
