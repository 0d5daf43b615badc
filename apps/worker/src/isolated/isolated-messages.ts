import type { Receipt } from "@darkroom/core";
import type { Settings } from "@darkroom/config";
import type { RunEnding } from "../run/run-ending.ts";
import type { Claim } from "../run/claim.ts";

/** The portrait that an isolated process runs. Its worker keeps the claim. */
export interface IsolatedOrder {
  readonly lane: string;
  readonly claim: Claim;
  readonly receipt: Receipt;
}

/** A worker's message to its isolated process. */
export type ToIsolated =
  | {
      readonly type: "run";
      readonly settings: Settings;
      readonly clockSkewMs: number | undefined;
      readonly order: IsolatedOrder;
    }
  | { readonly type: "abort"; readonly why: "cancelled" | "stops" };

/** An isolated process's message to its worker. */
export type FromIsolated =
  /** The process is connected and starts the portrait. From now on, the portrait is blamed for its death. */
  | { readonly type: "begun" }
  /** Heartbeat of the event loop. */
  | { readonly type: "alive" }
  /** One log line. */
  | { readonly type: "log"; readonly line: string }
  | {
      readonly type: "ended";
      readonly ending: RunEnding;
      readonly receipt: Receipt;
      readonly inputs: readonly string[];
      readonly identity: string | undefined;
    }
  | { readonly type: "unable"; readonly message: string };
