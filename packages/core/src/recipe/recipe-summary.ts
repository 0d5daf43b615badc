import { hasModes, type Mode, type ProviderName, type Recipe } from "./recipe.ts";

/** Maximum length of a prompt in a summary, in characters. */
const MOST_PROMPT_CHARS = 80;

/** The fields by which a user recognizes a recipe. */
export interface RecipeSummary {
  readonly provider: ProviderName;
  /** Null if the provider has no modes. */
  readonly mode: Mode | null;
  /** The preset of each step, or the beginning of its prompt. */
  readonly steps: readonly string[];
}

/** Summarizes a recipe for status pages and lists. */
export function recipeSummary({ provider, mode, steps }: Recipe): RecipeSummary {
  return {
    provider,
    mode: hasModes(provider) ? mode : null,
    steps: steps.map((step) => ("preset" in step ? step.preset : shortened(step.prompt))),
  };
}

function shortened(prompt: string): string {
  const line = prompt.replace(/\s+/g, " ");
  return line.length <= MOST_PROMPT_CHARS ? line : `${line.slice(0, MOST_PROMPT_CHARS - 1)}…`;
}
