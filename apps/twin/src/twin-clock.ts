/** Time as the twin lives it: with factor 60 a minute of provider time passes in a second. */
export class TwinClock {
  readonly #factor: number;
  /** Each with what it ends. */
  readonly #timers = new Map<NodeJS.Timeout, () => void>();
  #stopped = false;
  #hurries = false;

  constructor(factor: number) {
    this.#factor = factor;
  }

  /** How long a span of provider time takes here, in milliseconds. */
  realMs(providerMs: number): number {
    return providerMs / this.#factor;
  }

  /** Waits a span of provider time. After {@link stop} the promise stays open, so that nothing more happens. */
  sleep(providerMs: number): Promise<void> {
    if (this.#stopped) return new Promise(() => {});
    const waitMs = this.realMs(providerMs);
    // Whoever waits in a loop still lets others come to their turn.
    if (this.#hurries) return new Promise((resolve) => setImmediate(resolve));
    if (waitMs < 0.5) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        resolve();
      }, waitMs);
      this.#timers.set(timer, resolve);
    });
  }

  /** Ends all waits, and those to come. */
  hurry(): void {
    if (this.#stopped) return;
    this.#hurries = true;
    for (const [timer, resolve] of this.#timers) {
      clearTimeout(timer);
      resolve();
    }
    this.#timers.clear();
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers.keys()) clearTimeout(timer);
    this.#timers.clear();
  }
}
