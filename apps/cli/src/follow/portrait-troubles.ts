import prettyMilliseconds from "pretty-ms";
import { followsFailure, OUTCOMES, type OutcomeCode } from "@darkroom/core";
import type { WatchEvent } from "../api/event-reader.ts";

/** Maximum number of lines about single portraits. The report contains all failures. */
const MOST_LINES = 25;

/** Outcomes whose message is the same for many portraits, except for names in the message. */
const SAME_FOR_MANY: ReadonlySet<string> = new Set<OutcomeCode>(["destination_taken", "needs_clarification"]);

/** Returns a portrait's display name: its manifest id or file name. */
export type NameOfPortrait = (index: number) => Promise<string>;

/**
 * Converts events into lines about failed or retried portraits. A portrait that keeps failing for the same reason gets
 * one line, portraits with the same message share one, and the number of lines is limited.
 */
export class PortraitTroubles {
  readonly #nameOf: NameOfPortrait;
  readonly #told = new Set<string>();
  #lines = 0;

  constructor(nameOf: NameOfPortrait) {
    this.#nameOf = nameOf;
  }

  /** @returns the line to show; undefined for other events, for repetitions and beyond the limit */
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
    if (this.#lines > MOST_LINES) return "More portraits fail; they are not listed individually.";
    const line = `${await this.#nameOf(index)}: ${text}`;
    return isForMany
      ? `${line}${/[.?!]$/.test(line) ? "" : "."} Further portraits that end like this are counted, not listed.`
      : line;
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
      text: `${message}; next attempt in ${prettyMilliseconds(delayMs, { compact: true })}`,
    };
  }
  if (event.type !== "portrait-end" || !isFailure(event.outcome)) return undefined;
  const { index, outcome, message } = event;
  return { index, key: outcome, text: `failed (${outcome})${message === "" ? "" : `: ${message}`}` };
}

/** A message about an occupied key is specific to its portrait. A question is shown once for all. */
function sameOf(event: WatchEvent, outcome: string): string {
  return outcome === "needs_clarification" && event.type === "portrait-end" ? event.message : outcome;
}

function isFailure(outcome: string): boolean {
  return Object.hasOwn(OUTCOMES, outcome) && OUTCOMES[outcome as OutcomeCode].state === "failed";
}
