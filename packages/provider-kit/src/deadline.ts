import type { CallLimits } from "./provider.ts";

/** The cause of a call's end before its answer: the total deadline, the idle limit, or the caller. */
export type EndedBy = "deadline" | "idle" | "caller";

/** Node's timers fire immediately for longer delays. */
const MAX_TIMER_MS = 2_147_483_647;

/**
 * Combines a call's total deadline, its idle limit and its caller's signal. The first of them ends the call and is
 * recorded. The owner must call {@link close} in a `finally` to remove the timer and the listener.
 */
export class Deadline {
  #endedBy: EndedBy | undefined;
  #listener: ((by: EndedBy) => void) | undefined;
  #controller: AbortController | undefined;
  #idle: NodeJS.Timeout | undefined;
  readonly #total: NodeJS.Timeout | undefined;
  readonly #idleMs: number;
  readonly #caller: AbortSignal;
  readonly #onCaller = (): void => this.#end("caller");
  #closed = false;

  constructor(limits: CallLimits) {
    this.#idleMs = Math.min(limits.idleMs, MAX_TIMER_MS);
    this.#caller = limits.signal;
    if (limits.signal.aborted) {
      this.#endedBy = "caller";
      return;
    }
    limits.signal.addEventListener("abort", this.#onCaller, { once: true });
    this.#total = setTimeout(() => this.#end("deadline"), Math.min(limits.deadlineMs, MAX_TIMER_MS));
    this.release();
  }

  /** Returns which of the three ended the call; undefined while it runs, or if it was closed first. */
  get endedBy(): EndedBy | undefined {
    return this.#endedBy;
  }

  /** The same deadline as an AbortSignal. Created on first use. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#endedBy !== undefined) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  /** Calls `listener` when the call ends, or at once if it has ended. A second listener replaces the first. */
  onEnd(listener: (by: EndedBy) => void): void {
    if (this.#endedBy !== undefined) listener(this.#endedBy);
    else this.#listener = listener;
  }

  /** Restarts the idle limit after data arrived. */
  touch(): void {
    this.#idle?.refresh();
  }

  /** Suspends the idle limit until {@link release}, because this side has paused reading. */
  hold(): void {
    clearTimeout(this.#idle);
    this.#idle = undefined;
  }

  release(): void {
    if (this.#closed || this.#endedBy !== undefined || this.#idle !== undefined) return;
    this.#idle = setTimeout(() => this.#end("idle"), this.#idleMs);
  }

  close(): void {
    this.#closed = true;
    this.#listener = undefined;
    this.#stop();
  }

  #end(by: EndedBy): void {
    if (this.#endedBy !== undefined || this.#closed) return;
    this.#endedBy = by;
    this.#stop();
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.(by);
    this.#controller?.abort();
  }

  #stop(): void {
    clearTimeout(this.#total);
    this.hold();
    this.#caller.removeEventListener("abort", this.#onCaller);
  }
}
