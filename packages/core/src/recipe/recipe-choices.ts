import { PRESET_NAMES, PRESETS } from "./presets.ts";
import { DEFAULT_INTENSITY, DEFAULT_USE_CASE, INTENSITIES, MODES, USE_CASES } from "./recipe.ts";

/** Returns the choices of a recipe, as shown by the command and the API. */
export function recipeChoices() {
  return {
    presets: PRESET_NAMES.map((name) => ({ name, title: PRESETS[name].title, outcome: PRESETS[name].outcome })),
    modes: [...MODES],
    intensities: [...INTENSITIES],
    defaultIntensity: DEFAULT_INTENSITY as (typeof INTENSITIES)[number],
    useCases: [...USE_CASES],
    defaultUseCase: DEFAULT_USE_CASE as (typeof USE_CASES)[number],
  };
}
