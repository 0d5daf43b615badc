/** An event at a virtual time. */
interface Happening {
  readonly atMs: number;
  /** Of two events at the same time, the event that was scheduled first runs first. */
  readonly order: number;
  readonly run: () => void;
}

/**
 * Virtual time, as a binary heap of events. Code that awaits virtual promises runs unchanged: after each resolved
 * promise, all code that it unblocks runs before time advances. Independent of the wall clock.
 */
export class VirtualClock {
  #nowMs = 0;
  #order = 0;
  #woke = false;
  readonly #heap: Happening[] = [];

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Runs a callback at a time. A past time means now. */
  at(atMs: number, run: () => void): void {
    this.#order += 1;
    this.#push({ atMs: Math.max(atMs, this.#nowMs), order: this.#order, run });
  }

  /** Returns a promise that resolves at a time. */
  until(atMs: number): Promise<void> {
    return new Promise((resolve) => this.at(atMs, () => this.wake(resolve)));
  }

  sleep(ms: number): Promise<void> {
    return this.until(this.#nowMs + ms);
  }

  /** Resolves a promise of code that runs in virtual time. */
  wake(resolve: () => void): void {
    this.#woke = true;
    resolve();
  }

  /** Advances time until `untilMs`, or until there are no more events. */
  async run(untilMs: number): Promise<void> {
    await settled();
    for (;;) {
      const next = this.#heap[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.#pop();
      this.#nowMs = next.atMs;
      next.run();
      if (!this.#woke) continue;
      this.#woke = false;
      await settled();
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  #push(added: Happening): void {
    const heap = this.#heap;
    let place = heap.push(added) - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above] as Happening;
      if (!isBefore(added, parent)) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = added;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Happening;
    if (heap.length === 0) return;
    let place = 0;
    for (;;) {
      let below = place * 2 + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && isBefore(heap[below + 1] as Happening, heap[below] as Happening)) below += 1;
      const child = heap[below] as Happening;
      if (!isBefore(child, last)) break;
      heap[place] = child;
      place = below;
    }
    heap[place] = last;
  }
}

function isBefore(one: Happening, other: Happening): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}

/** Resolves after all pending microtasks, and the microtasks that they start, but before the event loop's next turn. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
