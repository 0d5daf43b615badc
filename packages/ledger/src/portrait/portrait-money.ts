import { heldMicroUsd, incurredMicroUsd, type Receipt } from "@darkroom/core";
import type { AuthorizeAnswer, AuthorizedCall } from "../ledger-answers.ts";
import { authorize, leaveUnfunded } from "../scripts/money-scripts.ts";
import type { RunScript } from "../scripts/run-script.ts";
import { NO_RECEIPT, storedReceipt, storedUnlessEmpty } from "./stored-receipt.ts";

/** The result of the script `leaveUnfunded`. */
const LEFT = ["lost", "pending", "queued"] as const;

/** The amounts that portraits hold from their batch's budget. */
export class PortraitMoney {
  readonly #run: RunScript;

  constructor(run: RunScript) {
    this.#run = run;
  }

  /**
   * Writes the receipt with the intent of a call, if the account may be used for the batch and the budget covers the
   * call.
   *
   * @param call.receipt with the intent, and with the amount authorized for the portrait
   * @param call.before the receipt without the intent, for a refused call
   * @param call.account the called account; absent if the batch needs no account of the lane
   */
  async authorize(
    batchId: string,
    index: number,
    token: string,
    { receipt, before, account }: AuthorizedCall,
  ): Promise<AuthorizeAnswer> {
    const [answer, detail, stopped] = (await this.#run(authorize, batchId, {
      i: index,
      token,
      ...storedReceipt(receipt),
      keeps: heldMicroUsd(before),
      incurred: incurredMicroUsd(before),
      lane: account?.lane ?? "",
      account: account?.keys.own ?? "",
      ordered: account?.ordered ?? "",
      former: between(account?.keys.former),
      refused: between(account?.keys.refused),
    })) as [number, (number | string)?, number?];
    if (answer === 3) return { kind: "other_account", mark: String(detail) };
    if (answer !== 2) return { kind: answer === 1 ? "authorized" : "lost" };
    return { kind: "refused", voids: detail === 1, stopped: stopped === 1 };
  }

  /**
   * Releases the claim of a portrait that {@link authorize} refused. The portrait is pending until money is released.
   *
   * @returns `queued` if the portrait keeps its job: a worker must end it, because its batch was stopped in the
   *   meantime, or must recall it
   */
  async leaveUnfunded(
    batchId: string,
    index: number,
    token: string,
    receipt: Receipt,
  ): Promise<"pending" | "queued" | "lost"> {
    const args = { i: index, token, ...storedUnlessEmpty(receipt), recalled: 0 };
    return LEFT[(await this.#run(leaveUnfunded, batchId, args)) as 0 | 1 | 2];
  }

  /**
   * Releases the claim of a portrait without a known call, after a run that could only recall found no call. The
   * portrait is pending until money is released. The budget of a rebuilt batch no longer holds an amount for the
   * portrait.
   */
  async leaveRecalled(batchId: string, index: number, token: string): Promise<"pending" | "queued" | "lost"> {
    const args = { i: index, token, ...NO_RECEIPT, recalled: 1 };
    return LEFT[(await this.#run(leaveUnfunded, batchId, args)) as 0 | 1 | 2];
  }
}

/** Formats account marks for a substring search in a script. */
function between(marks: readonly string[] = []): string {
  return `,${marks.join(",")},`;
}
