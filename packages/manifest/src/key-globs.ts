import picomatch from "picomatch";
import { DarkroomError } from "@darkroom/core";

// A + is one: as a quantifier of a group it could take for ever.
const OPTIONS = { nocase: true, dot: true, regex: false };
/** Any name at all. */
const SOME_NAME = "x";

/** What a submission's `include` and `exclude` say of keys and folders. */
export class KeyGlobs {
  readonly #included: ((key: string) => boolean) | undefined;
  readonly #excluded: ((key: string) => boolean) | undefined;
  readonly #excludedFolders: ((key: string) => boolean) | undefined;
  /** The globs of `include` that have matched no photo yet. */
  readonly #unmatched: Map<string, (key: string) => boolean>;

  /**
   * A glob without a slash is for the file's name in any folder (`*.png`), one with a slash for the whole key
   * (`2026/**`). Case does not matter, nor how a system writes an accent: ü as one character, or as u and its dots.
   *
   * @throws DarkroomError `invalid_input` for a glob that cannot be read
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

  /** Remembers a photo that was taken: its globs match something. */
  sawPhoto(key: string): void {
    if (this.#unmatched.size === 0) return;
    const plain = key.normalize("NFC");
    for (const [glob, matches] of this.#unmatched) if (matches(plain)) this.#unmatched.delete(glob);
  }

  /** A sentence for each glob of `include` that none of the photos matches. */
  unmatched(): readonly string[] {
    return [...this.#unmatched.keys()].map((glob) => {
      const hint = /[[\]{}()]/.test(glob)
        ? " Brackets, braces and parentheses are special: write \\ before a plain one."
        : "";
      return `include ${JSON.stringify(glob)} matches no photo.${hint}`;
    });
  }

  /** True for a folder, with a slash at its end, everything in which is excluded. */
  excludesAllIn(folder: string): boolean {
    return this.#excludedFolders?.(folder.normalize("NFC") + SOME_NAME) === true;
  }
}

/**
 * How often a glob may say "anything". Each more multiplies the time that a name takes by its length, in which nothing
 * else is done: with 40 of them one name takes longer than anybody waits.
 */
const MOST_WILDCARDS = 4;

function checkEffort(field: string, glob: string): void {
  const costly = `${field} holds a glob that `;
  const count = wildcardsOf(glob);
  if (count > MOST_WILDCARDS) {
    const message = `${costly}holds * ${count} times, which takes too long; use it at most ${MOST_WILDCARDS} times`;
    throw new DarkroomError("invalid_input", message, { field });
  }
  if (!/[*+]\(/.test(glob)) return;
  const message = `${costly}repeats a group, which may take for ever; write * or name the alternatives: {a,b}`;
  throw new DarkroomError("invalid_input", message, { field });
}

/** Of alternatives in braces the one with the most counts. */
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
    const message = `${field} holds a glob that cannot be read; write one like *.png or 2026/**`;
    throw new DarkroomError("invalid_input", message, { field, cause });
  }
}
