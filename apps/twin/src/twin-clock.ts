/** Time as the twin lives it: with factor 60 a minute of provider time passes in a second. */
export class TwinClock {
  readonly #factor: number;
  readonly #timers = new Set<NodeJS.Timeout>();
  #stopped = false;

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
    if (waitMs < 0.5) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        resolve();
      }, waitMs);
      this.#timers.add(timer);
    });
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
