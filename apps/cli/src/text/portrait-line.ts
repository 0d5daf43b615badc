import { charactersOf, cutMiddle, linesOf } from "./fit-width.ts";

const INDEX_WIDTH = 7;
const STATE_WIDTH = 9;
const GAP = "  ";
/** Width of names that do not go to a terminal; longer names are shown in full. */
const NAME_WIDTH = 32;
/** Least and greatest width of names in a terminal. */
const LEAST_NAME = 16;
const MOST_NAME = 60;
/** Columns left for outcomes in a terminal: the longest code. */
const OUTCOME_WIDTH = 19;

/** A portrait as listed. */
export interface ListedPortrait {
  readonly index: string;
  readonly state: string;
  /** The portrait's id, or its source. */
  readonly name: string;
  /** The outcome's code; empty if there is none. */
  readonly code: string;
  /** What else there is to say, in sentences. */
  readonly messages: readonly string[];
}

/**
 * Formats a portrait's line of a list that is written line by line, because there may be millions. In a terminal, cuts
 * the name to its column and puts messages that do not fit below the line. Elsewhere a portrait is one line.
 *
 * @param width columns of the terminal; undefined if the list goes elsewhere
 */
export function portraitLine(portrait: ListedPortrait, width: number | undefined): string {
  const { index, state, name, code, messages } = portrait;
  const before = `${index.padStart(INDEX_WIDTH)}${GAP}${state.padEnd(STATE_WIDTH)}${GAP}`;
  const outcome = [code, messages.join("; ")].filter((part) => part !== "").join(": ");
  if (width === undefined) return `${before}${name.padEnd(NAME_WIDTH)}${GAP}${outcome}`.trimEnd();
  const left = width - before.length - GAP.length - OUTCOME_WIDTH;
  const nameWidth = Math.min(MOST_NAME, Math.max(LEAST_NAME, left));
  const shown = cutMiddle(name, nameWidth);
  const padded = shown + " ".repeat(nameWidth - charactersOf(shown).length);
  const line = `${before}${padded}${GAP}${outcome}`.trimEnd();
  if (line.length <= width || messages.length === 0) return line;
  const below = messages.flatMap((message) => linesOf(message, Math.max(20, width - before.length)));
  return [`${before}${padded}${GAP}${code}`.trimEnd(), ...below.map((each) => " ".repeat(before.length) + each)].join(
    "\n",
  );
}
