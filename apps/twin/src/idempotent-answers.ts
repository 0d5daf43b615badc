import type { WholeAnswer } from "./json-answer.ts";

/** Maximum number of stored answers. The oldest are dropped first. */
const MOST_KEPT = 10_000;

/**
 * Answers to requests with `stream: false` by their `X-Idempotency-Key` (provider contract A.2). A repeated key gets
 * the same answer, waits if the work still runs, and is not billed.
 */
export class IdempotentAnswers {
  readonly #answers = new Map<string, Promise<WholeAnswer>>();

  find(key: string): Promise<WholeAnswer> | undefined {
    return this.#answers.get(key);
  }

  /**
   * Stores a key for work that begins now.
   *
   * @returns a function that receives its answer
   */
  begin(key: string): (answer: WholeAnswer) => void {
    const { promise, resolve } = Promise.withResolvers<WholeAnswer>();
    this.#answers.set(key, promise);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > MOST_KEPT && oldest !== undefined) this.#answers.delete(oldest);
    return resolve;
  }

  /** Forgets a key whose work did not begin, so that the next request with this key does the work. */
  forget(key: string): void {
    this.#answers.delete(key);
  }
}
