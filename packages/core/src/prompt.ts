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

/** In every prompt, whatever else it says. */
export const REALISM_CLAUSE =
  "Keep it natural and realistic: real skin texture with pores, beauty marks and freckles as they are, one consistent skin tone, natural proportions.";
/** In every prompt, whatever else it says. */
export const IDENTITY_CLAUSE =
  "The person must stay recognisably the same: never change the structure of the face, its features, its expression or the body.";

/**
 * The words of one turn with the provider: what to do, how strongly, what to keep, the wished outcome and use. The
 * realism and identity clauses are always in, custom prompts included.
 */
export function buildPrompt(recipe: Recipe, stepIndex: number): string {
  const step = recipe.steps[stepIndex];
  if (step === undefined) throw new RangeError(`the recipe has no step ${stepIndex}`);
  const preset = "preset" in step ? PRESETS[step.preset] : undefined;
  const task =
    "prompt" in step
      ? step.prompt
      : `Apply ${PRESETS[step.preset].enhancement} to this portrait. ${PRESETS[step.preset].instructions}`;
  const keep = [...(preset?.preserve ?? []), ...recipe.preserve];
  const outcome = recipe.outcome ?? preset?.outcome ?? "natural and well finished";
  const parts = [
    stepIndex === 0 ? "" : "Go on from the result before and refine it.",
    task,
    INTENSITY_WORDS[recipe.intensity],
    keep.length === 0 ? "" : `Keep unchanged: ${keep.join("; ")}.`,
    REALISM_CLAUSE,
    IDENTITY_CLAUSE,
    `The result should look ${outcome}, for ${USE_CASE_WORDS[recipe.useCase]}. Keep the framing, the size and the orientation of the photo.`,
  ];
  const text = parts.filter((part) => part !== "").join(" ");
  if (text.length <= MAX_PROMPT_CHARS) return text;
  // The clauses are not given up for a long task: the task is cut.
  const rest = parts.filter((part) => part !== "" && part !== task).join(" ");
  return text.replace(task, task.slice(0, Math.max(0, MAX_PROMPT_CHARS - rest.length - 2)));
}

const FEATURES = "(?:face|nose|jaw(?:line)?|chin|cheek ?bones?|lips?|eyes?|ears?|forehead|neck|head|body|waist)";
const CHANGES =
  "(?:slim(?:mer|ming)?|thin(?:ner)?|narrow(?:er)?|small(?:er)?|big(?:ger)?|large[r]?|reshap(?:e|ing)|sharper|longer|shorter|wider|fuller)";
const STRUCTURAL = [
  new RegExp(`\\b${CHANGES}\\b[^.!?\\n]{0,25}\\b${FEATURES}\\b`, "i"),
  new RegExp(
    `\\b(?:make|turn|change|alter|modify|reshape|slim|shrink|enlarge|lift|replace|swap)\\b[^.!?\\n]{0,20}\\b(?:nose|jaw(?:line)?|chin|cheek ?bones?|face|facial structure|head|body)\\b`,
    "i",
  ),
  /\b(?:face[- ]?(?:swap|lift)|different person|another person|someone else|look like (?:a )?(?:celebrity|model))\b/i,
];
const NEGATED = /\b(?:do not|don't|never|no|not|without|avoid|keep|preserve)\b/i;

/** Warnings about a custom prompt that asks to change the structure of a face: Darkroom's own clauses forbid it. */
export function promptWarnings(text: string): readonly string[] {
  const asks = text
    .split(/[.!?;\n]+/)
    .filter((sentence) => !NEGATED.test(sentence))
    .some((sentence) => STRUCTURAL.some((pattern) => pattern.test(sentence)));
  if (!asks) return [];
  return [
    "The prompt seems to ask for a change of facial structure. Darkroom tells the provider to keep the person recognisably the same, so that part will not be done.",
  ];
}
