import type { Receipt } from "@darkroom/core";
import type { Settings } from "@darkroom/config";
import type { RunEnding } from "../run/run-ending.ts";
import type { Claim } from "../run/worker-context.ts";

/** Which portrait a process is to have alone; the claim stays with the worker that starts it. */
export interface IsolatedOrder {
  readonly lane: string;
  readonly claim: Claim;
  readonly receipt: Receipt;
}

/** What a worker says to a process that it has started. */
export type ToIsolated =
  | {
      readonly type: "run";
      readonly settings: Settings;
      readonly clockSkewMs: number | undefined;
      readonly order: IsolatedOrder;
    }
  | { readonly type: "abort"; readonly why: "cancelled" | "stops" };

/** What such a process says to its worker. */
export type FromIsolated =
  /** It is connected, and begins: what it dies of from now on is the portrait's doing. */
  | { readonly type: "begun" }
  /** Its event loop turns. */
  | { readonly type: "alive" }
  /** A line of its log. */
  | { readonly type: "log"; readonly line: string }
  | {
      readonly type: "ended";
      readonly ending: RunEnding;
      readonly receipt: Receipt;
      readonly inputs: readonly string[];
      readonly identity: string | undefined;
    }
  | { readonly type: "unable"; readonly message: string };
