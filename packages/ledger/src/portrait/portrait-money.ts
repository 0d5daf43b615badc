import { heldMicroUsd, incurredMicroUsd, type Receipt } from "@darkroom/core";
import type { AuthorizeAnswer, AuthorizedCall } from "../ledger-answers.ts";
import { authorize, leaveUnfunded } from "../scripts/money-scripts.ts";
import type { RunScript } from "../scripts/run-script.ts";
import { NO_RECEIPT, storedReceipt, storedUnlessEmpty } from "./stored-receipt.ts";

/** What the script `leaveUnfunded` answers. */
const LEFT = ["lost", "pending", "queued"] as const;

/** What the budget of a batch pays for its portraits. */
export class PortraitMoney {
  readonly #run: RunScript;

  constructor(run: RunScript) {
    this.#run = run;
  }

  /**
   * Writes the receipt with the intent of a call, where its account may work for the batch and the budget pays for it.
   *
   * @param call.receipt with the intent, and with what is authorized for the portrait
   * @param call.before the same without the intent, for when it is refused
   * @param call.account that is called; absent where the batch needs no account of the lane
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
   * Gives up the claim of a portrait that {@link authorize} refused. It is pending until money is released.
   *
   * @returns `queued` where it keeps its job: its batch was stopped meanwhile and it is to be ended, or it is to be recalled
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
   * Gives up the claim of a portrait that was never called as far as the ledger knows, after a run that could only recall has
   * found no call. It is pending until money is released; a rebuilt batch's budget holds nothing for it any more.
   */
  async leaveRecalled(batchId: string, index: number, token: string): Promise<"pending" | "queued" | "lost"> {
    const args = { i: index, token, ...NO_RECEIPT, recalled: 1 };
    return LEFT[(await this.#run(leaveUnfunded, batchId, args)) as 0 | 1 | 2];
  }
}

/** Marks as a script looks for one of them. */
function between(marks: readonly string[] = []): string {
  return `,${marks.join(",")},`;
}
