import { createHash } from "node:crypto";
import type { Mode } from "@darkroom/core";
import type { FaultKind } from "./fault.ts";

/** A billed answer. */
export interface Bill {
  /** Phota has no sessions, so each call is recorded as its own session. */
  readonly session: string;
  readonly portrait: string;
  /** The turn within its session, from 1. */
  readonly turn: number;
  readonly promptHash: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly mode: Mode;
  /** URL of the main picture; empty if the pictures were within the answer. */
  readonly url: string;
  /** Number of pictures in this answer. Defaults to 1. */
  readonly pictures?: number;
  /** True if the picture was downloaded completely at least once. */
  delivered: boolean;
}

/** A POST request and how it ended. */
export interface CallRecord {
  readonly session: string;
  /** Number of the portrait's call, from 1; null if it never reached the agent. */
  readonly call: number | null;
  readonly fault: FaultKind | null;
  /** Hash of the received prompt; see {@link promptHash}. */
  readonly promptHash: string;
  /** URL of the simulator's own result that the call starts from; null for an external photo, or none. */
  readonly startsFrom: string | null;
  /** `running`, `complete`, `asked`, `no_output`, `client_left`, `http_<status>`, `error:<code>`, or the fault's kind. */
  ending: string;
}

export interface DoubleBill {
  /**
   * `session`: the same turn of the same session, regardless of its generation. `portrait`: the same photo and prompt.
   */
  readonly by: "session" | "portrait";
  readonly key: string;
  readonly promptHash: string;
  readonly times: number;
}

export interface LedgerSnapshot {
  readonly bills: readonly Readonly<Bill>[];
  readonly billed: number;
  readonly delivered: number;
  readonly doubleBilled: readonly DoubleBill[];
  /** All POST requests, by portrait, in order of arrival. */
  readonly calls: Readonly<Record<string, readonly Readonly<CallRecord>[]>>;
}

/** Returns a hash that is equal for two prompts with the same words. */
export function promptHash(prompt: string): string {
  return createHash("sha256").update(prompt).digest("hex").slice(0, 16);
}

/** Returns a session without its generation, because lost sessions of one portrait belong together. */
function sessionBase(session: string): string {
  return session.replace(/-g\d+$/, "");
}

/** The provider's records of requests and bills, against which tests check Darkroom's promises. */
export class BillingLedger {
  readonly #bills: Bill[] = [];
  readonly #calls = new Map<string, CallRecord[]>();
  #callCount = 0;
  #delivered = 0;

  /** Records the arrival of a POST request, whose handler later sets `ending`. */
  open(portrait: string, record: CallRecord): CallRecord {
    const records = this.#calls.get(portrait);
    if (records === undefined) this.#calls.set(portrait, [record]);
    else records.push(record);
    this.#callCount += 1;
    return record;
  }

  bill(bill: Omit<Bill, "delivered">): Bill {
    const entry = { ...bill, delivered: false };
    this.#bills.push(entry);
    return entry;
  }

  delivered(bill: Bill): void {
    if (!bill.delivered) this.#delivered += 1;
    bill.delivered = true;
  }

  counts(): { readonly calls: number; readonly billed: number; readonly delivered: number } {
    return { calls: this.#callCount, billed: this.#bills.length, delivered: this.#delivered };
  }

  snapshot(): LedgerSnapshot {
    return {
      bills: this.#bills.map((bill) => ({ ...bill })),
      billed: this.#bills.length,
      delivered: this.#delivered,
      doubleBilled: [
        ...this.#twice("session", (bill) => sessionBase(bill.session)),
        ...this.#twice("portrait", (bill) => bill.portrait),
      ],
      calls: Object.fromEntries(
        [...this.#calls].map(([portrait, records]) => [portrait, records.map((record) => ({ ...record }))]),
      ),
    };
  }

  #twice(by: DoubleBill["by"], keyOf: (bill: Bill) => string): DoubleBill[] {
    const groups = Map.groupBy(this.#bills, (bill) => `${bill.promptHash}\n${keyOf(bill)}`);
    return [...groups.values()].flatMap((bills) => {
      const [first] = bills;
      if (first === undefined || bills.length < 2) return [];
      return [{ by, key: keyOf(first), promptHash: first.promptHash, times: bills.length }];
    });
  }
}
