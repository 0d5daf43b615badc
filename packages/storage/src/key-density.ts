import { isLowSurrogate, type KeySymbols } from "./key-symbols.ts";
import { compareUtf8 } from "./utf8-order.ts";

/** Maximum key length of S3. Characters after it are ignored. */
const KEY_UNITS = 1_024;
/** Number of listed keys after which the weight of an older key has fallen to a third. */
const MEMORY_KEYS = 10_000;
/** Minimum weight of observed changes at a place for an estimate. */
const FEWEST_CHANGES = 2.5;
/** Allowed error of a guess, as a share of the requested number of keys. */
const PRECISION = 1 / 16;

/**
 * Guesses the key that follows a given number of keys later in a listing. Learns after how many keys the character at
 * each place changes. Guesses may be inaccurate, but are always well-formed and within the requested limits.
 */
export class KeyDensity {
  readonly #symbols: KeySymbols;
  readonly #prefixLength: number;
  /** Weighted number of keys whose first difference from the previous key is at this place. Recent keys weigh more. */
  readonly #changes = new Float64Array(KEY_UNITS);
  #keys = 0;

  /** @param prefixLength number of leading units that all keys share and that guesses keep */
  constructor(symbols: KeySymbols, prefixLength: number) {
    this.#symbols = symbols;
    this.#prefixLength = prefixLength;
  }

  /** Returns a copy, as the initial estimate for another part of the listing. */
  copy(): KeyDensity {
    const copy = new KeyDensity(this.#symbols, this.#prefixLength);
    copy.#changes.set(this.#changes);
    copy.#keys = this.#keys;
    return copy;
  }

  /**
   * @param keys consecutive keys of the listing
   * @param before the key before `keys`. If undefined, only the symbols are learned, because pages that begin with a
   *   folder would make folders appear larger
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
   * Estimates the text that is about `keys` keys after `from` in the listing.
   *
   * @returns undefined if no estimate is possible, or the estimate is not before `upTo`
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

  /** Returns the expected number of keys after `from` and up to `upTo`; Infinity without data for an estimate. */
  between(from: string, upTo: string): number {
    const place = firstDifference(from, upTo);
    const rate = this.#rates(place + 1)[place] ?? Infinity;
    const symbols = this.#symbols.at(place);
    const distance = rankOf(symbols, upTo.codePointAt(place)) - rankOf(symbols, from.codePointAt(place));
    return Math.max(0, distance + this.#share(upTo, place + 1) - this.#share(from, place + 1)) * rate;
  }

  /**
   * Returns the relative position, from 0 to 1, of a key among the keys with the same beginning, by its character at a
   * place.
   */
  #share(key: string, place: number): number {
    const point = key.codePointAt(place);
    if (point === undefined) return 0;
    const symbols = this.#symbols.at(place);
    return rankOf(symbols, point) / Math.max(1, symbols.length);
  }

  /**
   * Returns, for each place, the mean number of keys after which a character at that place or an earlier one changes.
   */
  #rates(places: number): number[] {
    let changes = 0;
    return Array.from({ length: places }, (_, place) => {
      changes += this.#changes[place] ?? 0;
      return changes < FEWEST_CHANGES ? Infinity : this.#keys / changes;
    });
  }

  /** Adds a number of steps to each character of a key's beginning, with carry. */
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

/** Returns the first place, in UTF-16 units but never within a surrogate pair, at which two keys differ. */
function firstDifference(a: string, b: string): number {
  let place = 0;
  while (place < a.length && a.charCodeAt(place) === b.charCodeAt(place)) place += 1;
  return isLowSurrogate(b.charCodeAt(place)) ? Math.max(0, place - 1) : place;
}

/**
 * Returns the number of smaller symbols in the ascending list; -1 for the end of a key, which sorts before all symbols.
 */
function rankOf(symbols: readonly number[], point: number | undefined): number {
  if (point === undefined) return -1;
  const rank = symbols.findIndex((symbol) => symbol >= point);
  return rank === -1 ? symbols.length : rank;
}
