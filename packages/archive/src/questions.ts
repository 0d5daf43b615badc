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
/** Questions that are told apart; an agent that asks everybody something else would fill the memory. */
const MOST_QUESTIONS = 1_000;
const MOST_EXAMPLES = 3;

/** A question of the provider's agent that waits for an answer, and how many portraits ask it. */
interface AskedQuestion {
  /** As it was asked first. */
  readonly question: string;
  readonly options: readonly string[];
  readonly portraits: number;
  /** Indexes of the first few of them. */
  readonly examples: readonly number[];
  /** The rounds of their own in which they ended. */
  readonly rounds: readonly number[];
}

export interface AskedQuestions {
  /** Those that most portraits ask come first. */
  readonly questions: readonly AskedQuestion[];
  /** Portraits with questions beyond those that are told apart. */
  readonly others: number;
  /** All that were found to ask. */
  readonly portraits: number;
  /** Their rounds. */
  readonly rounds: readonly number[];
}

interface Batch {
  readonly id: string;
  readonly total: number;
  readonly rounds: readonly Round[];
  /** How many portraits end with a question at present, as far as is known. */
  readonly asking: number;
}

/** Whether an outcome line may hold a question, without parsing it. */
export function mayAsk(line: string): boolean {
  return line.includes(ASKED);
}

/**
 * The questions that portraits of a batch ended with and that no round has answered since. Opens the report parts whose
 * names say that they hold some, and the others only where portraits are still missing then. Memory is flat: a bit for
 * each portrait, one part at a time, and a bounded number of questions.
 *
 * @param undrained outcome lines that are in no report part yet; read before, so that no line is missed on its way there
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
  /** A bit for each portrait: its line may be in two parts, and in the stream. */
  readonly #seen: Uint8Array;
  readonly #questions = new Map<string, Asking>();
  #others = 0;
  readonly #askingRounds = new Set<number>();
  /** Portraits that were found to ask, whether or not their question is known. */
  portraits = 0;

  constructor(total: number, rounds: readonly Round[]) {
    this.#rounds = rounds;
    this.#seen = new Uint8Array(Math.ceil(total / 8));
  }

  add(text: string): void {
    // Most lines of a large batch are about something else, and are not parsed.
    if (!mayAsk(text)) return;
    const line = JSON.parse(text) as OutcomeLine;
    if (line.code !== ASKED || isForgotten(line, this.#rounds)) return;
    // One that a later round has opened has ended otherwise since, or will.
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
