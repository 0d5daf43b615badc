import { OUTCOMES, type OutcomeCode } from "../report/outcome.ts";
import { microRounded } from "./prices.ts";

/**
 * Amounts in USD by the price table. Each call counts towards at most one of three: paid and delivered, paid with
 * nothing delivered, or unanswered and possibly paid.
 */
export interface Spent {
  readonly costUsd: number;
  readonly lostUsd: number;
  /** Upper bound for the unanswered calls. */
  readonly maybeUsd: number;
}

export const NOTHING_SPENT: Spent = { costUsd: 0, lostUsd: 0, maybeUsd: 0 };

/**
 * Costs of a portrait's calls at the prices of their time (whole micro-USD). Each part is 0 without calls, and null if
 * one of its calls had no price.
 */
export interface CallsMicroUsd {
  /** Certainly paid. */
  readonly paid: number | null;
  /** The part of `paid` whose pictures were lost, so that the call was repeated. */
  readonly lost: number | null;
  /** Unanswered, and possibly paid. */
  readonly maybe: number | null;
}

/** {@link Spent} of one portrait. A part is null if one of its calls had no price. */
export type PortraitSpent = { readonly [Part in keyof Spent]: number | null };

/** Returns the cost of a portrait that ended with this code. */
export function spentOn(code: OutcomeCode, { paid, lost, maybe }: CallsMicroUsd): PortraitSpent {
  const usd = (micro: number | null): number | null => (micro === null ? null : microRounded(micro / 1_000_000));
  if (OUTCOMES[code].state !== "succeeded") return { costUsd: 0, lostUsd: usd(paid), maybeUsd: usd(maybe) };
  const delivered = paid === null || lost === null ? null : paid - lost;
  return { costUsd: usd(delivered), lostUsd: usd(lost), maybeUsd: usd(maybe) };
}

/** The amounts that a portrait's end adds to the sums; see `Outcome`. */
export type SpentAtEnd = { readonly [Part in keyof Spent | "foundUsd"]?: number | null | undefined };

/** Returns the change of the lost amount. Negative if a picture was found that an earlier round counted as lost. */
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

/** Spending in a lane on a day. */
export interface DaySpent extends Spent {
  /** A day in UTC, `2026-11-21`. */
  readonly day: string;
  readonly lane: string;
}

/** Spending of one batch in a lane on a day. */
export interface BookedSpent extends DaySpent {
  readonly batchId: string;
}

export const COST_GROUPS = ["day", "lane", "batch"] as const;

export type CostGroup = (typeof COST_GROUPS)[number];

/** Spending over a range of days, inclusive, grouped. */
export interface Costs {
  readonly from: string;
  readonly to: string;
  readonly by: CostGroup;
  readonly total: Spent;
  /** `name` is the day, lane or batch id. Sorted by name. */
  readonly rows: readonly (Spent & { readonly name: string })[];
}

/** Sums up the entries by group. */
export function groupCosts(booked: readonly BookedSpent[], { from, to, by }: Pick<Costs, "from" | "to" | "by">): Costs {
  const nameOf = (entry: BookedSpent): string =>
    by === "day" ? entry.day : by === "lane" ? entry.lane : by === "batch" ? entry.batchId : (by satisfies never);
  const rows = [...Map.groupBy(booked, nameOf)]
    .map(([name, entries]) => ({ name, ...sumSpent(entries) }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return { from, to, by, total: sumSpent(booked), rows };
}

/**
 * Returns the UTC day of a time.
 *
 * @param atMs epoch ms
 */
export function utcDay(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

const DAY_MS = 86_400_000;

/** Returns every day from one to another, inclusive. */
export function daysBetween(from: string, to: string): readonly string[] {
  const days: string[] = [];
  for (let atMs = Date.parse(from); atMs <= Date.parse(to); atMs += DAY_MS) days.push(utcDay(atMs));
  return days;
}
