import type { CallLimits } from "./provider.ts";

/** What ended a call before its answer: its total deadline, the idle limit, or the caller. */
export type EndedBy = "deadline" | "idle" | "caller";

/** Node's timers fire at once for delays longer than this. */
const MAX_TIMER_MS = 2_147_483_647;

/**
 * Combines a call's total deadline, its idle limit and its caller's signal. The first of them ends the call and is
 * remembered. The owner must call {@link close} in a `finally` to remove timer and listener.
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

  /** Which of the three ended it; undefined while it runs, or if it was closed first. */
  get endedBy(): EndedBy | undefined {
    return this.#endedBy;
  }

  /** The same as an AbortSignal, created on first use. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#endedBy !== undefined) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  /** Calls `listener` when it ends, or at once if it has ended. A second listener replaces the first. */
  onEnd(listener: (by: EndedBy) => void): void {
    if (this.#endedBy !== undefined) listener(this.#endedBy);
    else this.#listener = listener;
  }

  /** Restarts the idle limit because data arrived. */
  touch(): void {
    this.#idle?.refresh();
  }

  /** Suspends the idle limit until {@link release}, because reading is paused on our side. */
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
