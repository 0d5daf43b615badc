import { isTwinLane } from "../twin-lanes.ts";

/** Formats an amount with two decimals, or with up to four if the amount has more: `0.05 USD`, `0.006 USD`. */
export function usdText(usd: number): string {
  return `${usd.toFixed(4).replace(/0{1,2}$/, "")} USD`;
}

/**
 * Formats an amount of a lane. In the simulator's lane, for example `0.60 USD (simulated)`: the price of its calls at a
 * real provider.
 */
export function shownUsd(usd: number, lane: string): string {
  return `${usdText(usd)}${simulatedMark(lane)}`;
}

/** Returns the suffix for amounts in the simulator's lane, where nothing is billed. */
export function simulatedMark(lane: string): string {
  return isTwinLane(lane) ? " (simulated)" : "";
}
