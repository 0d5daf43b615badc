import type { WholeAnswer } from "./json-answer.ts";

/** Answers that are kept; the oldest leave first. */
const MOST_KEPT = 10_000;

/**
 * Answers to requests with `stream: false` by their `X-Idempotency-Key` (provider contract A.2): the same key again gets
 * the same answer, waits for it where the work still runs, and pays nothing.
 */
export class IdempotentAnswers {
  readonly #answers = new Map<string, Promise<WholeAnswer>>();

  find(key: string): Promise<WholeAnswer> | undefined {
    return this.#answers.get(key);
  }

  /** Keeps a key for work that begins now. @returns to be told of its answer */
  begin(key: string): (answer: WholeAnswer) => void {
    const { promise, resolve } = Promise.withResolvers<WholeAnswer>();
    this.#answers.set(key, promise);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > MOST_KEPT && oldest !== undefined) this.#answers.delete(oldest);
    return resolve;
  }

  /** The work did not begin: the next request with this key does it. */
  forget(key: string): void {
    this.#answers.delete(key);
  }
}
