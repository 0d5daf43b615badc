import {
  MICRO,
  OUTCOMES,
  type Outcome,
  type OutcomeLine,
  PORTRAIT_STATES,
  type Receipt,
  WAIT_REASONS,
  lostChangeUsd,
  parseReceipt,
  utcDay,
  isDetailed,
} from "@darkroom/core";
import { serverNow } from "@darkroom/redis-kit";
import type {
  ClaimAnswer,
  GivenPictures,
  KnownClaim,
  LeftPortrait,
  ReclaimAnswer,
  SettleAnswer,
} from "../ledger-answers.ts";
import { REMEMBERED_PICTURES } from "../scripts/constants.ts";
import * as scripts from "../scripts/portrait-scripts.ts";
import type { RunScript } from "../scripts/run-script.ts";
import { NO_RECEIPT, storedReceipt } from "./stored-receipt.ts";

/** Maximum length of a stored failure text, in characters. One text is kept per reason and batch. */
const MOST_WHY_LETTERS = 300;

/**
 * Workers' claims of portraits, from claim to settle or release. All operations may be repeated: a settle that was
 * already applied returns `duplicate`, and a lost claim returns `stale` or `lost`.
 */
export class PortraitClaims {
  readonly #run: RunScript;

  constructor(run: RunScript) {
    this.#run = run;
  }

  /**
   * Claims a portrait for a worker.
   *
   * @param options.takeOver the token of a worker known to be dead
   * @param options.resting outside the run window, only paid work is finished; while the destination is blocked, paid
   *   work waits and is checked again after that time
   * @param options.lane the worker's lane, and the batch's own
   * @param options.mostStuck maximum number of paid results that wait to be stored; above it, no portrait starts.
   *   Defaults to unlimited
   */
  async claim(
    batchId: string,
    index: number,
    token: string,
    {
      takeOver = "",
      resting,
      lane,
      mostStuck = Number.MAX_SAFE_INTEGER,
    }: {
      readonly takeOver?: string;
      readonly resting?: "hours" | { readonly lookInMs: number } | undefined;
      readonly lane?: { readonly served: string; readonly own: string };
      readonly mostStuck?: number;
    } = {},
  ): Promise<ClaimAnswer> {
    const args = {
      i: index,
      token,
      takeOver,
      now: serverNow(),
      rests: resting === undefined ? 0 : resting === "hours" ? 1 : 2,
      served: lane?.served ?? "",
      own: lane?.own ?? "",
      lookMs: typeof resting === "object" ? resting.lookInMs : 0,
      mostStuck,
    };
    const reply = (await this.#run(scripts.claim, batchId, args)) as [
      ClaimAnswer["kind"],
      string?,
      number?,
      number?,
      number?,
      number?,
      string?,
      string?,
      string?,
      number?,
      string?,
      number?,
      number?,
      string?,
    ];
    switch (reply[0]) {
      case "claimed":
        return {
          kind: "claimed",
          receipt: parseReceipt(reply[1] ?? ""),
          cancelled: reply[2] === 1,
          round: reply[3] ?? 0,
          batchRound: Number(reply[6] ?? 0),
          recoveries: reply[4] ?? 0,
          diverted: reply[5] === 1,
          deaths: { all: Number(reply[7] ?? 0), alone: Number(reply[8] ?? 0) },
          waitedAtGate: reply[9] === 1,
          fence: Number(reply[10] ?? 0),
          stuck: reply[11] ?? 0,
          asksOnly: reply[12] === 1,
          recoveredAt: Number(reply[13] ?? 0),
        };
      case "held":
        return { kind: "held", token: reply[1] ?? "" };
      case "elsewhere":
        return { kind: "elsewhere", lane: reply[1] ?? "", epoch: Number(reply[2]) };
      case "done":
      case "parked":
      case "waits":
      case "gone":
        return { kind: reply[0] };
    }
  }

  /**
   * Restores the claim of a portrait with a call, and writes the receipt, if Redis has forgotten the claim and no other
   * worker has called since in the same round. Keeps an existing claim with its receipt.
   *
   * @param claim the claim's token, and the fence of the ingest that read its row
   */
  async reclaim(batchId: string, index: number, claim: KnownClaim, receipt: Receipt): Promise<ReclaimAnswer> {
    const { firstIntentAt, round = 0 } = receipt;
    if (firstIntentAt === undefined) return { kind: "lost" };
    const args = { i: index, ...claim, round, ...storedReceipt(receipt) };
    const [answer, fence] = (await this.#run(scripts.reclaim, batchId, args)) as [number, string?];
    if (answer === 2) return { kind: "read_anew", fence: Number(fence) };
    return { kind: answer === 1 ? "held" : "lost" };
  }

  /**
   * Writes the receipt of a portrait that `token` has claimed. Returns false if the claim is lost. Receipts with an
   * intent are written by `PortraitMoney.authorize`.
   */
  async writeReceipt(batchId: string, index: number, token: string, receipt: Receipt): Promise<boolean> {
    const args = { i: index, token, ...storedReceipt(receipt) };
    return (await this.#run(scripts.writeReceipt, batchId, args)) === 1;
  }

  /**
   * Checks before each store that `token` still holds the claim, and records the pictures that the portrait received.
   *
   * @returns `lost`; or `held`, with the index of another photo's portrait that recently received the same picture
   */
  async confirmStore(
    batchId: string,
    index: number,
    token: string,
    given?: GivenPictures,
  ): Promise<{ readonly kind: "lost" | "held"; readonly sharedWith?: number }> {
    const pictures = (given?.digests ?? []).map((digest) => ({ place: placeOfPicture(digest), digest }));
    const args = { i: index, token, photo: given?.photo ?? "" };
    const [held, sharedWith] = (await this.#run(scripts.confirmStore, batchId, args, pictures)) as [number, number?];
    return { kind: held === 1 ? "held" : "lost", ...(sharedWith === undefined ? {} : { sharedWith }) };
  }

  /**
   * Counts the death of a process that ran only this portrait. The worker that started the process is alive and holds
   * the claim.
   *
   * @returns the number of such deaths, and the receipt that the process left; undefined if the claim is lost
   */
  async countDeathAlone(
    batchId: string,
    index: number,
    token: string,
  ): Promise<{ readonly alone: number; readonly receipt: Receipt } | undefined> {
    const [alone, receipt] = (await this.#run(scripts.countDeathAlone, batchId, { i: index, token })) as [
      number?,
      string?,
    ];
    return alone === undefined ? undefined : { alone, receipt: parseReceipt(receipt ?? "") };
  }

  /**
   * Releases the claim of a portrait that must wait.
   *
   * @returns the time of its next check (epoch ms, Redis' clock); undefined if the claim is lost
   */
  async leave(batchId: string, index: number, token: string, left: LeftPortrait): Promise<number | undefined> {
    const { state, wait, receipt, lane = "" } = left;
    const lookAt = (await this.#run(scripts.leave, batchId, {
      i: index,
      token,
      to: PORTRAIT_STATES.indexOf(state),
      ...(receipt === undefined ? NO_RECEIPT : storedReceipt(receipt)),
      lane,
      reason: WAIT_REASONS.indexOf(wait.reason),
      lookMs: Math.ceil(wait.delayMs),
      why: (wait.message ?? "").slice(0, MOST_WHY_LETTERS),
    })) as number;
    return lookAt === 0 ? undefined : lookAt;
  }

  /** Ends a portrait: state, counts, cost and outcome line in one step, exactly once. */
  async settle(batchId: string, index: number, token: string, outcome: Outcome): Promise<SettleAnswer> {
    const line: OutcomeLine = { index, at: serverNow(), ...outcome };
    const micro = (usd: number | null | undefined): number => Math.round((usd ?? 0) * MICRO);
    const reply = (await this.#run(scripts.settle, batchId, {
      i: index,
      token,
      to: PORTRAIT_STATES.indexOf(OUTCOMES[outcome.code].state),
      code: outcome.code,
      line: JSON.stringify(line),
      billed: outcome.billed,
      day: utcDay(line.at),
      lane: outcome.lane ?? "",
      cost: micro(outcome.costUsd),
      lost: micro(lostChangeUsd(outcome)),
      maybe: micro(outcome.maybeUsd),
      detailed: isDetailed(outcome) ? 1 : 0,
    })) as [SettleAnswer["kind"], string?, string?, number?];
    if (reply[0] !== "applied") return { kind: reply[0] };
    return { kind: "applied", pending: Number(reply[1]), queued: Number(reply[2]), tripped: reply[3] === 1 };
  }
}

/** Returns the slot in which a batch remembers a picture. */
function placeOfPicture(digest: string): number {
  return Number.parseInt(digest.slice(0, 8), 16) % REMEMBERED_PICTURES;
}
