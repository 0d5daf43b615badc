import type { VirtualClock } from "./virtual-clock.ts";

/** A server that processes one request at a time, in order of arrival: Redis, or a Node process. */
export class SingleServer<Kind extends string> {
  readonly #clock: VirtualClock;
  readonly #latencyMs: number;
  readonly #busyMs = new Map<Kind, number>();
  #operations = 0;
  #freeAtMs = 0;

  /** @param latencyMs round-trip time */
  constructor(clock: VirtualClock, latencyMs: number) {
    this.#clock = clock;
    this.#latencyMs = latencyMs;
  }

  /**
   * Requests `us` of the server's time.
   *
   * @param done called when the work is done, before the reply arrives
   * @param answered called when the reply arrives
   * @param operations number of commands
   */
  ask(kind: Kind, us: number, done?: () => void, answered?: () => void, operations = 1): void {
    this.#operations += operations;
    const startMs = Math.max(this.#freeAtMs, this.#clock.nowMs + this.#latencyMs / 2);
    this.#freeAtMs = startMs + us / 1_000;
    this.#busyMs.set(kind, (this.#busyMs.get(kind) ?? 0) + us / 1_000);
    if (done !== undefined) this.#clock.at(this.#freeAtMs, done);
    if (answered !== undefined) this.#clock.at(this.#freeAtMs + this.#latencyMs / 2, answered);
  }

  /** Like {@link ask}, but returns a promise of the reply. */
  async askFor<T>(kind: Kind, us: number, done: () => T, operations = 1): Promise<T> {
    let answer: T | undefined;
    await new Promise<void>((resolve) => {
      this.ask(
        kind,
        us,
        () => (answer = done()),
        () => this.#clock.wake(resolve),
        operations,
      );
    });
    return answer as T;
  }

  /** Returns the busy time since the last call, in ms by kind. */
  takeBusyMs(): ReadonlyMap<Kind, number> {
    const busy = new Map(this.#busyMs);
    this.#busyMs.clear();
    return busy;
  }

  /** Returns the number of commands since the last call. */
  takeOperations(): number {
    const operations = this.#operations;
    this.#operations = 0;
    return operations;
  }
}
