import prettyMilliseconds from "pretty-ms";
import { followsFailure, OUTCOMES, type OutcomeCode } from "@darkroom/core";
import type { WatchEvent } from "../api/event-reader.ts";

/** Lines about single portraits that one command shows; a batch with more failures is read in its report. */
const MOST_LINES = 25;

/** Its message is the same for many portraits, their names aside. */
const SAME_FOR_MANY: ReadonlySet<string> = new Set<OutcomeCode>(["destination_taken", "needs_clarification"]);

/** Finds what people call a portrait: its manifest id or file name. */
export type NameOfPortrait = (index: number) => Promise<string>;

/**
 * Turns a watcher's events into lines about portraits that failed or are tried again. A portrait whose tries fail for the
 * same reason gets one line, so do portraits that end with the same message, and a command shows a bounded number of lines.
 */
export class PortraitTroubles {
  readonly #nameOf: NameOfPortrait;
  readonly #told = new Set<string>();
  #lines = 0;

  constructor(nameOf: NameOfPortrait) {
    this.#nameOf = nameOf;
  }

  /** @returns the line to show, or undefined where the event is none, was told before, or is one too many */
  async lineOf(event: WatchEvent): Promise<string | undefined> {
    if (this.#lines > MOST_LINES) return undefined;
    const words = wordsOf(event);
    if (words === undefined) return undefined;
    const { index, key, text } = words;
    const isForMany = SAME_FOR_MANY.has(key);
    const told = isForMany ? sameOf(event, key) : `${index} ${key}`;
    if (this.#told.has(told)) return undefined;
    this.#told.add(told);
    this.#lines += 1;
    if (this.#lines > MOST_LINES) return "Further portraits fail; they are not shown one by one.";
    const line = `${await this.#nameOf(index)}: ${text}`;
    return isForMany ? `${line}${/[.?!]$/.test(line) ? "" : "."} Others that end so are counted.` : line;
  }
}

function wordsOf(
  event: WatchEvent,
): { readonly index: number; readonly key: string; readonly text: string } | undefined {
  if (event.type === "portrait-retry") {
    const { index, reason, message, delayMs } = event;
    if (!followsFailure(reason)) return undefined;
    return {
      index,
      key: reason,
      text: `${message}; trying again in ${prettyMilliseconds(delayMs, { compact: true })}`,
    };
  }
  if (event.type !== "portrait-end" || !isFailure(event.outcome)) return undefined;
  const { index, outcome, message } = event;
  return { index, key: outcome, text: `failed (${outcome})${message === "" ? "" : `: ${message}`}` };
}

/** What a taken place's message names is the portrait's own; a question is told once. */
function sameOf(event: WatchEvent, outcome: string): string {
  return outcome === "needs_clarification" && event.type === "portrait-end" ? event.message : outcome;
}

function isFailure(outcome: string): boolean {
  return Object.hasOwn(OUTCOMES, outcome) && OUTCOMES[outcome as OutcomeCode].state === "failed";
}
