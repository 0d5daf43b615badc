/**
 * Delays before each attempt, in ms; the first is made at once. Each is counted from the end of the attempt before it.
 * Together 27.6 hours.
 */
export const ATTEMPT_DELAYS_MS: readonly number[] = [
  0, 5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 36_000_000,
];
/** An endpoint without a successful delivery for this long is disabled, in ms. */
export const FAILING_FOR_MS = 5 * 86_400_000;
/** The largest part of a delay that is added at random, so that endpoints that failed together do not return together. */
const JITTER = 0.2;
/** Statuses by which a receiver asks for fewer deliveries. Their `Retry-After` holds all deliveries of the endpoint. */
const BUSY: ReadonlySet<number> = new Set([429, 503]);
const GONE = 410;

/** An attempt that was made. */
export interface Attempt {
  /** Its number, from 1. */
  readonly attempt: number;
  /** Status of the answer; undefined without an answer. */
  readonly status: number | undefined;
  /** The answer's `Retry-After`, in ms. */
  readonly retryAfterMs: number | undefined;
}

/** The next step after an attempt. */
export type Verdict =
  | { readonly kind: "delivered" }
  /** `holdMs`: delay before the next request to the endpoint. */
  | { readonly kind: "retry"; readonly delayMs: number; readonly holdMs: number }
  /** No further attempt; the batch's next message follows. */
  | { readonly kind: "given_up" }
  /** The receiver wants no more messages. */
  | { readonly kind: "gone" };

/**
 * Decides what follows an attempt.
 *
 * @param random from 0 to 1
 * @param delays defaults to {@link ATTEMPT_DELAYS_MS}
 */
export function judgeAttempt(
  { attempt, status, retryAfterMs = 0 }: Attempt,
  random: number,
  delays: readonly number[] = ATTEMPT_DELAYS_MS,
): Verdict {
  if (status !== undefined && status >= 200 && status < 300) return { kind: "delivered" };
  if (status === GONE) return { kind: "gone" };
  const delayMs = delays[attempt];
  if (delayMs === undefined) return { kind: "given_up" };
  const holdMs = status !== undefined && BUSY.has(status) ? retryAfterMs : 0;
  return { kind: "retry", delayMs: Math.max(Math.round(delayMs * (1 + JITTER * random)), retryAfterMs), holdMs };
}
