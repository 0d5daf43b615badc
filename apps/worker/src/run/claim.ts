import type { BatchSpec, Recipe } from "@darkroom/core";

/** A claimed portrait. Plain data, so that it can be sent to an isolated process. */
export interface Claim {
  readonly spec: BatchSpec;
  /** The portrait's round. `recipe` is that round's. */
  readonly round: number;
  readonly recipe: Recipe;
  /**
   * Number of times the batch was recovered from the object store. After a recovery, the provider may know calls that
   * the receipt lacks.
   */
  readonly recoveries: number;
  /** When the batch was last recovered (epoch ms, Redis' clock); 0 if never. */
  readonly recoveredAt: number;
  /** True when the batch has failed over to its fallback lane. */
  readonly diverted: boolean;
  /** True when the batch may not spend: the portrait may only recall and store. */
  readonly asksOnly: boolean;
  readonly index: number;
  readonly token: string;
  /** Fence of the ingest that wrote the claimed snapshot; see the ledger's claim. */
  readonly fence: number;
  /** True when the portrait waited at the gate before, so that its next run passes the gate first. */
  readonly waitedAtGate: boolean;
}
