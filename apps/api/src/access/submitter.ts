import { boundsOf, isLimitedByDay, type KeyLimits } from "@darkroom/access";
import { DarkroomError, isLaneAllowed, utcDay } from "@darkroom/core";
import type { Reserve } from "@darkroom/intake";
import type { BatchRecord } from "@darkroom/ledger";
import { serverNow } from "@darkroom/redis-kit";
import type { Services } from "../services.ts";
import type { Caller } from "./caller.ts";

const DAY_MS = 86_400_000;

/** Returns the services, restricted to the limits of a caller's key. */
export function servicesFor<Given extends Pick<Services, "laneProviders">>(services: Given, { limits }: Caller) {
  const bounds = boundsOf(limits);
  // Error messages list these lanes.
  const own = Object.entries(services.laneProviders).filter(([lane]) => isLaneAllowed(bounds.lanes, lane));
  return { ...services, bounds, laneProviders: Object.fromEntries(own) };
}

/** Reserves a caller's rows and money for the current day; undefined if the key has no daily limit. */
export function reserveFor({ keys }: Pick<Services, "keys">, { id, limits }: Caller): Reserve | undefined {
  if (!isLimitedByDay(limits)) return undefined;
  return {
    limitsUsd: limits.usdPerDay !== undefined,
    take: async (work) => {
      const nowMs = serverNow();
      const day = utcDay(nowMs);
      checkFits(work, limits);
      const found = await keys.reserve({ id, limits }, day, work);
      if (!found.isReserved) throw dayIsFull(limits, found, nowMs);
      return async () => {
        await keys.reserve({ id, limits: {} }, day, { rows: -work.rows, usd: -work.usd });
      };
    },
  };
}

/** A batch larger than the daily limit is rejected permanently, because waiting would not help. */
function checkFits({ rows, usd }: { readonly rows: number; readonly usd: number }, limits: KeyLimits): void {
  const { rowsPerDay = Infinity, usdPerDay = Infinity } = limits;
  if (rows > rowsPerDay) {
    const message = `rowsPerDay: this batch has ${rows} rows, and the key may submit ${rowsPerDay} a day.`;
    throw new DarkroomError("forbidden", message, { field: "source" });
  }
  if (usd > usdPerDay) {
    const message = `usdPerDay: this batch may cost ${usd} USD, and the key may spend ${usdPerDay} a day. Give it a lower maxCostUsd.`;
    throw new DarkroomError("forbidden", message, { field: "maxCostUsd" });
  }
}

function dayIsFull(limits: KeyLimits, used: { readonly rows: number; readonly usd: number }, nowMs: number): Error {
  const { rowsPerDay, usdPerDay } = limits;
  const rows = rowsPerDay === undefined ? [] : [`${used.rows} of ${rowsPerDay} rows (rowsPerDay)`];
  const usd = usdPerDay === undefined ? [] : [`${used.usd} of ${usdPerDay} USD (usdPerDay)`];
  const message = `This batch does not fit into the key's limits of this UTC day: ${[...rows, ...usd].join(" and ")} are reserved. Submit less, or wait for tomorrow.`;
  return new DarkroomError("limit_reached", message, { retryable: true, retryAfterMs: DAY_MS - (nowMs % DAY_MS) });
}

/**
 * Restricts a key with a daily money limit to batches with a budget, because the budget is reserved.
 *
 * @throws DarkroomError `forbidden`
 */
export function checkSpends({ limits }: Caller, record: Pick<BatchRecord, "maxCostUsd"> | undefined): void {
  if (limits.usdPerDay === undefined || record === undefined || record.maxCostUsd !== undefined) return;
  const message =
    "usdPerDay: this key's money is limited by the day, and this batch has no budget that would limit it. Use another key.";
  throw new DarkroomError("forbidden", message);
}

/**
 * Rejects a schedule if the key has a daily limit, because the schedule's batches are accepted later, without a key.
 *
 * @throws DarkroomError `forbidden`
 */
export function checkSchedules({ limits }: Caller): void {
  const limit = limits.usdPerDay === undefined ? "rowsPerDay" : "usdPerDay";
  if (!isLimitedByDay(limits)) return;
  const message = `${limit}: this key is limited by the day, and a schedule's batches are not counted. Use a key without this limit for schedules.`;
  throw new DarkroomError("forbidden", message);
}
