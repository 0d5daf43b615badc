import { PRESETS } from "./presets.ts";
import { MAX_PROMPT_CHARS, type Intensity, type Recipe, type UseCase } from "./recipe.ts";

const INTENSITY_WORDS: Readonly<Record<Intensity, string>> = {
  subtle: "Work subtly: somebody who knows the person should not notice that the photo was edited.",
  moderate: "Work with moderate strength: clearly improved, still plainly an unposed photo of the same person.",
  dramatic: "Work with dramatic strength, as for a magazine, and stay believable.",
};

const USE_CASE_WORDS: Readonly<Record<UseCase, string>> = {
  headshot: "a professional headshot",
  linkedin: "a LinkedIn profile",
  website: "a company website",
  print: "high-quality print",
  social: "social media",
};

/** Part of every prompt. */
export const REALISM_CLAUSE =
  "Keep it natural and realistic: real skin texture with pores, beauty marks and freckles as they are, one consistent skin tone, natural proportions.";
/** Part of every prompt. */
export const IDENTITY_CLAUSE =
  "The person must stay recognisably the same: never change the structure of the face, its features, its expression or the body.";

/** Characters reserved for the parts of a prompt other than the task, the parts to preserve and the desired outcome. */
export const PROMPT_RESERVE_CHARS = 1_000;

/**
 * Builds the prompt of one turn: the task, its strength, the parts to keep, the desired outcome and use. Always
 * includes the realism and identity clauses, even in custom prompts.
 */
export function buildPrompt(recipe: Recipe, stepIndex: number): string {
  const kept = prompts.get(recipe) ?? new Map<number, string>();
  const prompt = kept.get(stepIndex) ?? composed(recipe, stepIndex);
  prompts.set(recipe, kept.set(stepIndex, prompt));
  return prompt;
}

/** Recipe → step → prompt. Portraits of a recipe share the text, because thousands may be in flight. */
const prompts = new WeakMap<Recipe, Map<number, string>>();

function composed(recipe: Recipe, stepIndex: number): string {
  const step = recipe.steps[stepIndex];
  if (step === undefined) throw new RangeError(`the recipe has no step ${stepIndex}`);
  const preset = "preset" in step ? PRESETS[step.preset] : undefined;
  const task =
    "prompt" in step
      ? step.prompt
      : `Apply ${PRESETS[step.preset].enhancement} to this portrait. ${PRESETS[step.preset].instructions}`;
  const keep = [...(preset?.preserve ?? []), ...recipe.preserve];
  const { redo } = recipe;
  const outcome = recipe.outcome ?? preset?.outcome ?? "natural and well finished";
  const parts = [
    stepIndex === 0 ? "" : "Go on from the result before and refine it.",
    task,
    INTENSITY_WORDS[recipe.intensity],
    keep.length === 0 ? "" : `Keep unchanged: ${keep.join("; ")}.`,
    redo === undefined || stepIndex < recipe.steps.length - 1
      ? ""
      : `A person has looked at an earlier result of this photo and asks for this change: ${redo.note}`,
    REALISM_CLAUSE,
    IDENTITY_CLAUSE,
    `The result should look ${outcome}, for ${USE_CASE_WORDS[recipe.useCase]}. Keep the framing, the size and the orientation of the photo.`,
  ];
  const join = (words: string): string =>
    parts
      .map((part) => (part === task ? words : part))
      .filter(Boolean)
      .join(" ");
  const tooLong = join(task).length - MAX_PROMPT_CHARS;
  // The clauses are never dropped. A long task is cut instead, but never within a character.
  return tooLong <= 0 ? join(task) : join(task.slice(0, task.length - tooLong).replace(/[\ud800-\udbff]$/, ""));
}
