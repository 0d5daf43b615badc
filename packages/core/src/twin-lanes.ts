import type { ProviderName } from "./recipe/recipe.ts";

/**
 * A lane with this name, or with this name and a dash as prefix, belongs to the simulator. Work in such a lane is never
 * paid for.
 */
export const TWIN_LANE = "twin";

/** Returns the simulator's lane for a provider's recipes. */
export function twinLaneOf(provider: ProviderName): string {
  return provider === "each-sense" ? TWIN_LANE : `${TWIN_LANE}-${provider}`;
}

export function isTwinLane(lane: string): boolean {
  return lane === TWIN_LANE || lane.startsWith(`${TWIN_LANE}-`);
}
