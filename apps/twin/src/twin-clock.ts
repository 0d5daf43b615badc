/** The simulator's clock: with factor 60, a minute of provider time passes in a second. */
export class TwinClock {
  readonly #factor: number;
  /** Timer → the function that ends its wait. */
  readonly #timers = new Map<NodeJS.Timeout, () => void>();
  #stopped = false;
  #hurries = false;

  constructor(factor: number) {
    this.#factor = factor;
  }

  /** Returns the real duration of a span of provider time, in milliseconds. */
  realMs(providerMs: number): number {
    return providerMs / this.#factor;
  }

  /**
   * Waits for a span of provider time. After {@link stop} the promise stays pending, so that nothing further happens.
   */
  sleep(providerMs: number): Promise<void> {
    if (this.#stopped) return new Promise(() => {});
    const waitMs = this.realMs(providerMs);
    // Yields even without a delay, so that a loop of waits does not block other work.
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

  /** Ends all current and future waits. */
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
