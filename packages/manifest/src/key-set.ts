/** Must be a power of two. */
const TABLES = 64;
const TABLE_BITS = 6;
const INITIAL_SLOTS = 16;
const MAX_LOAD = 0.75;
const HASH_RANGE = 2 ** 32;

/**
 * A set of strings that stores only a 64-bit hash of each: about 15 bytes per key of any length. Its tables start at
 * different sizes and grow one after the other, so no addition blocks for long. Two of n strings share a hash with a
 * probability of about n² / 2⁶⁵: 3 in a million for ten million strings.
 */
export class KeySet {
  readonly #tables = Array.from({ length: TABLES }, (_, place) => new Table(INITIAL_SLOTS * 2 ** (place / TABLES)));
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(key: string): boolean {
    const [high, low] = hash64(key);
    return this.#table(high).has(high, low);
  }

  /** Returns false when the key was already present. */
  add(key: string): boolean {
    const [high, low] = hash64(key);
    const isNew = this.#table(high).add(high, low);
    if (isNew) this.#size += 1;
    return isNew;
  }

  #table(high: number): Table {
    const table = this.#tables[high >>> (32 - TABLE_BITS)];
    if (table === undefined) throw new RangeError("a hash lies outside of 32 bits");
    return table;
  }
}

/** Open addressing with linear probing. The low half of a hash determines its slot. */
class Table {
  #slots: Uint32Array<ArrayBuffer>;
  #capacity: number;
  #size = 0;

  constructor(capacity: number) {
    this.#capacity = Math.floor(capacity);
    this.#slots = new Uint32Array(this.#capacity * 2);
  }

  has(high: number, low: number): boolean {
    const slot = this.#find(high, low);
    return this.#slots[slot] !== 0 || this.#slots[slot + 1] !== 0;
  }

  add(high: number, low: number): boolean {
    const slot = this.#find(high, low);
    if (this.#slots[slot] !== 0 || this.#slots[slot + 1] !== 0) return false;
    this.#slots[slot] = high;
    this.#slots[slot + 1] = low;
    this.#size += 1;
    if (this.#size > this.#capacity * MAX_LOAD) this.#grow();
    return true;
  }

  /** Returns the slot that contains this hash, or the free slot for it. */
  #find(high: number, low: number): number {
    const slots = this.#slots;
    const end = this.#capacity * 2;
    for (let slot = Math.floor((low / HASH_RANGE) * this.#capacity) * 2; ; slot = slot + 2 === end ? 0 : slot + 2) {
      if (slots[slot] === 0 && slots[slot + 1] === 0) return slot;
      if (slots[slot] === high && slots[slot + 1] === low) return slot;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#capacity *= 2;
    this.#slots = new Uint32Array(this.#capacity * 2);
    for (let slot = 0; slot < old.length; slot += 2) {
      const high = old[slot] ?? 0;
      const low = old[slot + 1] ?? 0;
      if (high === 0 && low === 0) continue;
      const free = this.#find(high, low);
      this.#slots[free] = high;
      this.#slots[free + 1] = low;
    }
    // Frees the memory at once, because the garbage collector reacts late to memory outside of its heap.
    old.buffer.transfer(0);
  }
}

/**
 * Two murmur3-style lanes with different seeds, multipliers and finalizers. Not cryptographic. Never returns [0, 0],
 * which marks a free slot.
 */
export function hash64(text: string): readonly [high: number, low: number] {
  let high = 0x9747_b28c;
  let low = 0x3c6e_f372;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    high = Math.imul(high ^ Math.imul(unit + 0x7f4a_7c15, 0xcc9e_2d51), 0x1b87_3593);
    high = (high << 13) | (high >>> 19);
    low = Math.imul(low ^ Math.imul(unit + 0x1656_67b1, 0x85eb_ca77), 0xc2b2_ae3d);
    low = (low << 15) | (low >>> 17);
  }
  high = mix(high ^ text.length ^ low);
  low = mix(low ^ Math.imul(high, 0x27d4_eb2f));
  return high === 0 && low === 0 ? [0, 1] : [high, low];
}

function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
