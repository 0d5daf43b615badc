import { isLowSurrogate, type KeySymbols } from "./key-symbols.ts";
import { compareUtf8 } from "./utf8-order.ts";

/** Longest key of S3; what is beyond is not learned. */
const KEY_UNITS = 1_024;
/** Listed keys after which an older key weighs a third. */
const MEMORY_KEYS = 10_000;
/** Fewer changes of a character tell nothing. */
const FEWEST_CHANGES = 2.5;
/** Share of the keys asked for by which a guess may be off. */
const PRECISION = 1 / 16;

/**
 * Guesses where in a part of a listing a number of keys ahead is. Learns after how many keys a character at each place
 * changes. Guesses may be wrong; they are always well-formed and between the keys asked for.
 */
export class KeyDensity {
  readonly #symbols: KeySymbols;
  readonly #prefixLength: number;
  /** How many keys differ from the key before at this place, and not at an earlier one. Recent keys weigh more. */
  readonly #changes = new Float64Array(KEY_UNITS);
  #keys = 0;

  /** @param prefixLength units that all keys share, which no guess changes */
  constructor(symbols: KeySymbols, prefixLength: number) {
    this.#symbols = symbols;
    this.#prefixLength = prefixLength;
  }

  /** The density to expect in another part. */
  copy(): KeyDensity {
    const copy = new KeyDensity(this.#symbols, this.#prefixLength);
    copy.#changes.set(this.#changes);
    copy.#keys = this.#keys;
    return copy;
  }

  /**
   * @param keys listed keys without a gap
   * @param before the key before them. Without it only their symbols are learned: pages that begin with a folder would
   *   make folders look larger
   */
  learn(keys: readonly string[], before: string | undefined): void {
    let last = before ?? "";
    const places = keys.map((key) => {
      const place = firstDifference(last, key);
      this.#symbols.learn(key, place);
      last = key;
      return place;
    });
    if (before === undefined) return;
    const fading = Math.exp(-keys.length / MEMORY_KEYS);
    this.#changes.forEach((count, place) => (this.#changes[place] = count * fading));
    this.#keys = this.#keys * fading + keys.length;
    for (const place of places) this.#changes[place] = (this.#changes[place] ?? 0) + 1;
  }

  /**
   * A text that some `keys` of a listing are expected to follow `from`.
   *
   * @returns undefined when no such text before `upTo` is known
   */
  ahead(from: string, upTo: string | undefined, keys: number): string | undefined {
    const rates = this.#rates(from.length);
    const steps: number[] = [];
    let rest = keys;
    for (let place = this.#prefixLength; place < rates.length && rest > keys * PRECISION; place += 1) {
      const rate = rates[place] ?? Infinity;
      const step = Math.floor(rest / rate);
      steps[place] = step;
      if (step > 0) rest -= step * rate;
    }
    const guess = this.#raised(from, steps);
    if (guess === undefined || compareUtf8(guess, from) <= 0) return undefined;
    return upTo === undefined || compareUtf8(guess, upTo) < 0 ? guess : undefined;
  }

  /** The number of keys expected after one text and up to another; Infinity when there is nothing to tell it by. */
  between(from: string, upTo: string): number {
    const place = firstDifference(from, upTo);
    const rate = this.#rates(place + 1)[place] ?? Infinity;
    const symbols = this.#symbols.at(place);
    const distance = rankOf(symbols, upTo.codePointAt(place)) - rankOf(symbols, from.codePointAt(place));
    return Math.max(0, distance + this.#share(upTo, place + 1) - this.#share(from, place + 1)) * rate;
  }

  /** How far into the keys that share its beginning a key is, by the character at a place: 0 to 1. */
  #share(key: string, place: number): number {
    const point = key.codePointAt(place);
    if (point === undefined) return 0;
    const symbols = this.#symbols.at(place);
    return rankOf(symbols, point) / Math.max(1, symbols.length);
  }

  /** After how many keys a character changes at this place or an earlier one. */
  #rates(places: number): number[] {
    let changes = 0;
    return Array.from({ length: places }, (_, place) => {
      changes += this.#changes[place] ?? 0;
      return changes < FEWEST_CHANGES ? Infinity : this.#keys / changes;
    });
  }

  /** The beginning of a key with its characters raised by so many steps each; what is too many carries. */
  #raised(key: string, steps: readonly number[]): string | undefined {
    let carry = 0;
    let end = "";
    for (let place = steps.length - 1; place >= this.#prefixLength; place -= 1) {
      const point = key.codePointAt(place);
      if (point === undefined || isLowSurrogate(point)) continue;
      const step = carry + (steps[place] ?? 0);
      const symbols = step === 0 ? [point] : this.#symbols.at(place);
      const rank = rankOf(symbols, point) + step;
      carry = Math.floor(rank / symbols.length);
      end = String.fromCodePoint(symbols[rank % symbols.length] ?? point) + end;
    }
    if (carry > 0) return undefined;
    return key.slice(0, this.#prefixLength) + end + key.slice(this.#prefixLength + end.length);
  }
}

/** The first place, in UTF-16 units but never within a pair, at which two keys differ. */
function firstDifference(a: string, b: string): number {
  let place = 0;
  while (place < a.length && a.charCodeAt(place) === b.charCodeAt(place)) place += 1;
  return isLowSurrogate(b.charCodeAt(place)) ? Math.max(0, place - 1) : place;
}

/** How many of the ascending symbols are smaller; -1 for the end of a key, which precedes all. */
function rankOf(symbols: readonly number[], point: number | undefined): number {
  if (point === undefined) return -1;
  const rank = symbols.findIndex((symbol) => symbol >= point);
  return rank === -1 ? symbols.length : rank;
}
