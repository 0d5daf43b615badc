/** Learns which characters occur at each place of a listing's keys. Places count UTF-16 units. */
export class KeySymbols {
  /** The code points seen at each place. */
  readonly #at: Set<number>[] = [];
  /** The code points seen anywhere, by class. */
  readonly #ofClass = new Map<number, Set<number>>();
  #sightings = 0;
  /** The cached result of {@link at}, with the number of sightings at that time. */
  readonly #sorted: { readonly symbols: readonly number[]; readonly sightings: number }[] = [];

  /** Learns the characters of a key from place `from` on. */
  learn(key: string, from: number): void {
    for (let place = from; place < key.length; place += 1) {
      const point = key.codePointAt(place) ?? 0;
      if (isLowSurrogate(point)) continue;
      const seen = (this.#at[place] ??= new Set());
      if (seen.has(point)) continue;
      seen.add(point);
      this.#sightings += 1;
      const ofClass = this.#ofClass.get(classOf(point)) ?? new Set();
      this.#ofClass.set(classOf(point), ofClass.add(point));
    }
  }

  /**
   * Returns the code points to expect at a place, ascending: those seen there, and those of the same classes seen
   * anywhere.
   */
  at(place: number): readonly number[] {
    const known = this.#sorted[place];
    if (known?.sightings === this.#sightings) return known.symbols;
    const seen = this.#at[place] ?? [];
    const all = new Set(seen);
    for (const point of seen) {
      for (const other of this.#ofClass.get(classOf(point)) ?? []) all.add(other);
    }
    const symbols = [...all].sort((a, b) => a - b);
    this.#sorted[place] = { symbols, sightings: this.#sightings };
    return symbols;
  }
}

export function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** Returns the class of interchangeable characters: digits, letters of one case, or one block of another script. */
function classOf(point: number): number {
  if (point >= 0x80) return point - (point % 0x80);
  if (point >= 0x30 && point <= 0x39) return 0x30;
  if (point >= 0x41 && point <= 0x5a) return 0x41;
  if (point >= 0x61 && point <= 0x7a) return 0x61;
  return point;
}
