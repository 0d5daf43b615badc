import type { Receipt } from "@darkroom/core";
import type { Settings } from "@darkroom/config";
import type { Claimed } from "../run/worker-context.ts";
import type { Ending } from "../run/run-ending.ts";

/** Which portrait a process is to have alone; the claim stays with the worker that starts it. */
export interface IsolatedOrder {
  readonly lane: string;
  readonly claimed: Omit<Claimed, "controller" | "signal" | "answerRoom">;
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
      readonly ending: Ending;
      readonly receipt: Receipt;
      readonly inputs: readonly string[];
      readonly who: Claimed["who"];
    }
  | { readonly type: "unable"; readonly message: string };
