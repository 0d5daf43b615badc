/** Counts answers that clients are still reading. */
export class OpenStreams {
  #now = 0;
  #max = 0;

  get now(): number {
    return this.#now;
  }

  get max(): number {
    return this.#max;
  }

  /** Counts one answer until the returned function is called. A second call of that function has no effect. */
  open(): () => void {
    this.#now += 1;
    this.#max = Math.max(this.#max, this.#now);
    let isOpen = true;
    return () => {
      if (isOpen) this.#now -= 1;
      isOpen = false;
    };
  }
}
