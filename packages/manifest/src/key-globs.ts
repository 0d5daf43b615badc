import picomatch from "picomatch";
import { DarkroomError } from "@darkroom/core";

// `regex: false` disables + as a quantifier of a group, which could take exponential time.
const OPTIONS = { nocase: true, dot: true, regex: false };
/** Matches any name. */
const SOME_NAME = "x";

/** Applies a submission's `include` and `exclude` to keys and folders. */
export class KeyGlobs {
  readonly #included: ((key: string) => boolean) | undefined;
  readonly #excluded: ((key: string) => boolean) | undefined;
  readonly #excludedFolders: ((key: string) => boolean) | undefined;
  /** The globs of `include` that no photo has matched yet. */
  readonly #unmatched: Map<string, (key: string) => boolean>;

  /**
   * A glob without a slash matches the file's name in any folder (`*.png`). A glob with a slash matches the whole key
   * (`2026/**`). Both ignore case and the encoding of accents: ü may be one character, or u and a combining mark.
   *
   * @throws DarkroomError `invalid_input` for an invalid glob
   */
  constructor(include: readonly string[] | undefined, exclude: readonly string[] | undefined) {
    this.#included = matcher("include", include);
    this.#unmatched = new Map(include?.map((glob) => [glob, matcher("include", [glob]) ?? (() => false)]));
    this.#excluded = matcher("exclude", exclude);
    const whole = exclude?.filter((glob) => glob.endsWith("/**") && !glob.startsWith("!"));
    this.#excludedFolders = matcher("exclude", whole);
  }

  takes(key: string): boolean {
    const plain = key.normalize("NFC");
    return this.#included?.(plain) !== false && this.#excluded?.(plain) !== true;
  }

  /** Records an accepted photo, so that its globs count as matched. */
  sawPhoto(key: string): void {
    if (this.#unmatched.size === 0) return;
    const plain = key.normalize("NFC");
    for (const [glob, matches] of this.#unmatched) if (matches(plain)) this.#unmatched.delete(glob);
  }

  /** Returns a sentence for each glob of `include` that matches no photo. */
  unmatched(): readonly string[] {
    return [...this.#unmatched.keys()].map((glob) => {
      const hint = /[[\]{}()]/.test(glob)
        ? " Brackets, braces and parentheses are special: write \\ before a plain one."
        : "";
      return `include ${JSON.stringify(glob)} matches no photo.${hint}`;
    });
  }

  /** True for a folder, with a trailing slash, whose entire content is excluded. */
  excludesAllIn(folder: string): boolean {
    return this.#excludedFolders?.(folder.normalize("NFC") + SOME_NAME) === true;
  }
}

/**
 * Maximum number of wildcards in a glob. Each one multiplies the matching time by the name's length and blocks the
 * event loop. With 40, a single name would take practically forever.
 */
const MOST_WILDCARDS = 4;

function checkEffort(field: string, glob: string): void {
  const costly = `${field} contains a glob that `;
  const count = wildcardsOf(glob);
  if (count > MOST_WILDCARDS) {
    const message = `${costly}contains * ${count} times, which takes too long; use it at most ${MOST_WILDCARDS} times`;
    throw new DarkroomError("invalid_input", message, { field });
  }
  if (!/[*+]\(/.test(glob)) return;
  const message = `${costly}repeats a group, which may take forever; write * or name the alternatives: {a,b}`;
  throw new DarkroomError("invalid_input", message, { field });
}

/** Counts wildcards. Of alternatives in braces, only the one with the most wildcards counts. */
function wildcardsOf(glob: string): number {
  const count = (text: string): number => text.match(/\*+|!\(/g)?.length ?? 0;
  const most = (alternatives: string): string => {
    return alternatives.split(",").reduce((worst, each) => (count(each) > count(worst) ? each : worst));
  };
  for (let text = glob; ;) {
    const next = text.replaceAll(/\{([^{}]*)\}/g, (_, alternatives: string) => most(alternatives));
    if (next === text) return count(text);
    text = next;
  }
}

function matcher(field: "include" | "exclude", globs: readonly string[] = []): ((key: string) => boolean) | undefined {
  if (globs.length === 0) return undefined;
  for (const glob of globs) checkEffort(field, glob);
  const plain = globs.map((glob) => glob.normalize("NFC"));
  const [byName, byPath] = [false, true].map((slash) => plain.filter((glob) => glob.includes("/") === slash));
  try {
    const name = picomatch(byName ?? [], OPTIONS);
    const path = picomatch(byPath ?? [], OPTIONS);
    return (key) => path(key) || name(key.slice(key.lastIndexOf("/") + 1));
  } catch (cause) {
    const message = `${field} contains an invalid glob; write one like *.png or 2026/**`;
    throw new DarkroomError("invalid_input", message, { field, cause });
  }
}
