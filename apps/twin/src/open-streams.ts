/** Counts the answers that are being listened to. */
export class OpenStreams {
  #now = 0;
  #max = 0;

  get now(): number {
    return this.#now;
  }

  get max(): number {
    return this.#max;
  }

  /** Counts one more until the function it returns is called; calling that twice counts once. */
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
