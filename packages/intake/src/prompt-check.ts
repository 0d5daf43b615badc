import { promptWarnings, type PortraitRow, type Recipe } from "@darkroom/core";
import { KeySet } from "@darkroom/manifest";

/** Limit of distinct row prompts checked, because every row may have its own. */
const MAX_PROMPTS = 10_000;
/** Limit of prompts named in warnings. */
const MAX_NAMED = 5;

/** Collects warnings about a batch's prompts before the first payment. */
export class PromptCheck {
  readonly #warnings: string[];
  readonly #seen = new KeySet();
  #named = 0;
  #more = 0;
  #unseen = false;

  constructor(recipe: Recipe) {
    this.#warnings = [
      ...new Set(recipe.steps.flatMap((step) => ("prompt" in step ? promptWarnings(step.prompt) : []))),
    ];
  }

  add({ index, id, prompt }: PortraitRow): void {
    if (prompt === undefined) return;
    if (this.#seen.size >= MAX_PROMPTS) {
      this.#unseen ||= !this.#seen.has(prompt);
      return;
    }
    if (!this.#seen.add(prompt)) return;
    const [warning] = promptWarnings(prompt);
    if (warning === undefined) return;
    if (this.#named === MAX_NAMED) {
      this.#more += 1;
      return;
    }
    this.#named += 1;
    this.#warnings.push(`Portrait ${index} (${id}): ${warning}`);
  }

  warnings(): readonly string[] {
    return [
      ...this.#warnings,
      ...(this.#more === 0 ? [] : [`${this.#more} more row prompts have similar warnings.`]),
      ...(this.#unseen ? [`Only the first ${MAX_PROMPTS} different row prompts were checked.`] : []),
    ];
  }
}
