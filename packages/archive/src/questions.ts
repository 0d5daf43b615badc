import {
  batchKeys,
  isForgotten,
  normalQuestion,
  opensAgain,
  partAsks,
  type ObjectStore,
  type OutcomeCode,
  type OutcomeLine,
  type Round,
} from "@darkroom/core";
import { readReportPart } from "./report-part.ts";

const ASKED: OutcomeCode = "needs_clarification";
/** Limit of distinct questions, because an agent may ask a different question for every portrait. */
const MOST_QUESTIONS = 1_000;
const MOST_EXAMPLES = 3;

/** An unanswered question of the provider's agent, with the number of portraits that ended with it. */
interface AskedQuestion {
  /** Wording of the first occurrence. */
  readonly question: string;
  readonly options: readonly string[];
  readonly portraits: number;
  /** Indexes of the first few portraits. */
  readonly examples: readonly number[];
  /** The rounds in which these portraits ended. */
  readonly rounds: readonly number[];
}

export interface AskedQuestions {
  /** Most frequent first. */
  readonly questions: readonly AskedQuestion[];
  /** Number of portraits whose questions exceed the limit of distinct ones. */
  readonly others: number;
  /** Number of portraits found with a question. */
  readonly portraits: number;
  /** The rounds of these portraits. */
  readonly rounds: readonly number[];
}

interface Batch {
  readonly id: string;
  readonly total: number;
  readonly rounds: readonly Round[];
  /** Number of portraits that currently end with a question, according to the ledger. */
  readonly asking: number;
}

/** True when an outcome line may contain a question. Does not parse the line. */
export function mayAsk(line: string): boolean {
  return line.includes(ASKED);
}

/**
 * Finds the questions that portraits ended with and that no later round has answered. Opens the report parts whose
 * names say that they contain questions, and others only while portraits are missing. Memory use is constant.
 *
 * @param undrained outcome lines not yet in a report part; read first, so that no line is missed while it moves
 */
export async function askedQuestions(
  store: ObjectStore,
  { id, total, rounds, asking }: Batch,
  undrained: readonly string[],
): Promise<AskedQuestions> {
  const tally = new Tally(total, rounds);
  for (const line of undrained) tally.add(line);
  const read = async (key: string): Promise<void> => {
    for (const { text } of await readReportPart(store, id, key)) tally.add(text);
  };
  const prefix = batchKeys(id).reportPrefix;
  for await (const { key } of store.list({ prefix })) if (partAsks(key)) await read(key);
  if (tally.portraits >= asking) return tally.result();
  for await (const { key } of store.list({ prefix })) {
    if (!partAsks(key)) await read(key);
    if (tally.portraits >= asking) break;
  }
  return tally.result();
}

interface Asking {
  asked: Omit<AskedQuestion, "portraits" | "rounds">;
  portraits: number;
  readonly rounds: Set<number>;
}

class Tally {
  readonly #rounds: readonly Round[];
  /** One bit per portrait, because a line may be in two parts and in the stream. */
  readonly #seen: Uint8Array;
  readonly #questions = new Map<string, Asking>();
  #others = 0;
  readonly #askingRounds = new Set<number>();
  /** Number of portraits with a question, whether or not its text is among the distinct ones. */
  portraits = 0;

  constructor(total: number, rounds: readonly Round[]) {
    this.#rounds = rounds;
    this.#seen = new Uint8Array(Math.ceil(total / 8));
  }

  add(text: string): void {
    // Most lines of a large batch contain no question and are not parsed.
    if (!mayAsk(text)) return;
    const line = JSON.parse(text) as OutcomeLine;
    if (line.code !== ASKED || isForgotten(line, this.#rounds)) return;
    // A portrait that a later round reopened has, or will have, a different outcome.
    if (this.#rounds.some((round) => opensAgain(round, line)) || this.#wasSeen(line.index)) return;
    this.portraits += 1;
    const own = line.round ?? 0;
    this.#askingRounds.add(own);
    if (line.question === undefined) return;
    const key = normalQuestion(line.question.text);
    const known = this.#questions.get(key);
    if (known !== undefined) {
      known.portraits += 1;
      known.rounds.add(own);
      if (known.asked.examples.length < MOST_EXAMPLES) {
        known.asked = { ...known.asked, examples: [...known.asked.examples, line.index] };
      }
    } else if (this.#questions.size < MOST_QUESTIONS) {
      const { text: question, options } = line.question;
      this.#questions.set(key, {
        asked: { question, options, examples: [line.index] },
        portraits: 1,
        rounds: new Set([own]),
      });
    } else {
      this.#others += 1;
    }
  }

  result(): AskedQuestions {
    const questions = [...this.#questions.values()].map(({ asked, portraits, rounds }) => ({
      ...asked,
      portraits,
      rounds: [...rounds],
    }));
    return {
      questions: questions.sort((a, b) => b.portraits - a.portraits),
      others: this.#others,
      portraits: this.portraits,
      rounds: [...this.#askingRounds],
    };
  }

  #wasSeen(index: number): boolean {
    const [byte, bit] = [index >> 3, 1 << (index & 7)];
    if (((this.#seen[byte] ?? 0) & bit) !== 0) return true;
    this.#seen[byte] = (this.#seen[byte] ?? 0) | bit;
    return false;
  }
}
