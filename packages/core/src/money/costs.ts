import { OUTCOMES, type OutcomeCode } from "../report/outcome.ts";
import { microRounded } from "./prices.ts";

/**
 * Money by the price table, in USD. A call is in one of the three or in none: surely paid with its picture delivered,
 * surely paid with nothing delivered for it, or unanswered in a way that leaves open whether it was paid.
 */
export interface Spent {
  readonly costUsd: number;
  readonly lostUsd: number;
  /** The most that the unanswered calls can have cost. */
  readonly maybeUsd: number;
}

export const NOTHING_SPENT: Spent = { costUsd: 0, lostUsd: 0, maybeUsd: 0 };

/**
 * What the calls of one portrait cost, each as it was priced when it was made (whole micro-USD). A part is 0 where no call
 * is in it, and null where one of its calls had no price.
 */
export interface CallsMicroUsd {
  /** Surely paid. */
  readonly paid: number | null;
  /** Of those, the ones whose pictures were lost on the way, so that the call was made again. */
  readonly lost: number | null;
  /** Unanswered, and perhaps paid. */
  readonly maybe: number | null;
}

/** {@link Spent} of one portrait; a part is null where something was spent and the table had no price for it. */
export type PortraitSpent = { readonly [Part in keyof Spent]: number | null };

/** What a portrait has cost that ended so. */
export function spentOn(code: OutcomeCode, { paid, lost, maybe }: CallsMicroUsd): PortraitSpent {
  const usd = (micro: number | null): number | null => (micro === null ? null : microRounded(micro / 1_000_000));
  if (OUTCOMES[code].state !== "succeeded") return { costUsd: 0, lostUsd: usd(paid), maybeUsd: usd(maybe) };
  const delivered = paid === null || lost === null ? null : paid - lost;
  return { costUsd: usd(delivered), lostUsd: usd(lost), maybeUsd: usd(maybe) };
}

/** What a portrait's end adds to the sums; see `Outcome`. */
export type SpentAtEnd = { readonly [Part in keyof Spent | "foundUsd"]?: number | null | undefined };

/** The change of the lost money: what an earlier round booked as lost and was found comes back. */
export function lostChangeUsd({ lostUsd, foundUsd }: SpentAtEnd): number {
  return microRounded((lostUsd ?? 0) - (foundUsd ?? 0));
}

export function addSpent(one: Spent, other: SpentAtEnd): Spent {
  return {
    costUsd: microRounded(one.costUsd + (other.costUsd ?? 0)),
    lostUsd: microRounded(one.lostUsd + lostChangeUsd(other)),
    maybeUsd: microRounded(one.maybeUsd + (other.maybeUsd ?? 0)),
  };
}

export function sumSpent(entries: readonly Spent[]): Spent {
  return entries.reduce((sum, entry) => addSpent(sum, entry), NOTHING_SPENT);
}

/** What was spent in a lane on a day. */
export interface DaySpent extends Spent {
  /** A day of UTC, `2026-11-21`. */
  readonly day: string;
  readonly lane: string;
}

/** The same, of one batch. */
export interface BookedSpent extends DaySpent {
  readonly batchId: string;
}

export const COST_GROUPS = ["day", "lane", "batch"] as const;

export type CostGroup = (typeof COST_GROUPS)[number];

/** What was spent from one day to another, both included, grouped. */
export interface Costs {
  readonly from: string;
  readonly to: string;
  readonly by: CostGroup;
  readonly total: Spent;
  /** `name` is the day, the lane or the batch's id. In the order of the names. */
  readonly rows: readonly (Spent & { readonly name: string })[];
}

/** Adds up what was booked. */
export function groupCosts(booked: readonly BookedSpent[], { from, to, by }: Pick<Costs, "from" | "to" | "by">): Costs {
  const nameOf = (entry: BookedSpent): string =>
    by === "day" ? entry.day : by === "lane" ? entry.lane : by === "batch" ? entry.batchId : (by satisfies never);
  const rows = [...Map.groupBy(booked, nameOf)]
    .map(([name, entries]) => ({ name, ...sumSpent(entries) }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return { from, to, by, total: sumSpent(booked), rows };
}

/** The day of UTC that a moment is in. @param atMs epoch ms */
export function utcDay(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

const DAY_MS = 86_400_000;

/** Every day from one to another, both included. */
export function daysBetween(from: string, to: string): readonly string[] {
  const days: string[] = [];
  for (let atMs = Date.parse(from); atMs <= Date.parse(to); atMs += DAY_MS) days.push(utcDay(atMs));
  return days;
}
