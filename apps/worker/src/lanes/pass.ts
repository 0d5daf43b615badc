/** A pass through the gate. */
export interface Pass {
  /** True when this call probes a blocked lane. */
  readonly probing: boolean;
  /** Epoch ms, Redis' clock. */
  readonly enteredAt: number;
  /** Delay that this pass adds to the account's next call, in ms. */
  readonly intervalMs: number;
}

/** A gate pass that no call has used yet. */
export interface EarlyPass extends Pass {
  /** Monotonic ms. */
  readonly takenAtMs: number;
}
