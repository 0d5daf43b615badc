import {
  DarkroomError,
  hasModes,
  hasVariations,
  isTwinLane,
  type Fallback,
  type ProviderName,
  type Recipe,
  type Submission,
} from "@darkroom/core";
import type { SubmissionRules } from "./submission-rules.ts";

/**
 * Returns the lane that takes over when the batch's own lane stays blocked.
 *
 * @param lane the batch's own
 * @returns undefined when none is requested
 * @throws DarkroomError `invalid_input` when the lane does not exist, is the batch's own, or cannot run the recipe
 */
export function fallbackOf(
  { fallback, recipe: input }: Pick<Submission, "fallback" | "recipe">,
  recipe: Recipe,
  lane: string,
  { lanes, laneProviders = {} }: Pick<SubmissionRules, "lanes" | "laneProviders">,
): Fallback | undefined {
  if (fallback === undefined) return undefined;
  const providers = new Map<string, ProviderName>([
    ...Object.entries(lanes).map(([provider, name]) => [name, provider as ProviderName] as const),
    ...Object.entries(laneProviders),
  ]);
  const wished = fallback.lane ?? (fallback.provider === undefined ? undefined : lanes[fallback.provider]);
  const provider = wished === undefined ? undefined : providers.get(wished);
  if (wished === undefined || provider === undefined) {
    const others = [...providers.keys()].filter((name) => name !== lane).map((name) => `"${name}"`);
    throw bad(
      `there is no lane for "${fallback.lane ?? fallback.provider}"; besides the batch's own lane, available: ${others.join(", ") || "none"}`,
    );
  }
  if (wished === lane) throw bad(`"${lane}" is the batch's own lane; name another one, or omit the fallback`);
  if (isTwinLane(wished) !== isTwinLane(lane)) {
    throw bad(`only one of "${wished}" and "${lane}" is the simulator's: paid and simulated work are never mixed`);
  }
  if ((recipe.output.variations ?? 1) > 1 && !hasVariations(provider)) {
    throw bad(`${provider} makes one picture per portrait, but the recipe orders ${recipe.output.variations}`);
  }
  if (hasModes(provider) && input.mode === undefined) {
    throw new DarkroomError(
      "invalid_input",
      `recipe.mode: the fallback's provider ${provider} has modes; name "eco" or "max".`,
      { field: "recipe.mode" },
    );
  }
  return { lane: wished, provider, afterMinutes: fallback.afterMinutes };
}

function bad(message: string): DarkroomError {
  return new DarkroomError("invalid_input", `fallback: ${message}.`, { field: "fallback" });
}
