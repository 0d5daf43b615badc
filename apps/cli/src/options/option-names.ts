/** Maps the API's fields to the options that a user types. */
const OPTIONS: Readonly<Record<string, string>> = {
  maxCostUsd: "--max-cost",
  baseUrl: "--base",
  manifestSources: "--manifest-sources",
  carry: "--carry",
  deliveries: "--deliver",
  "output.deliveries": "--deliver",
  "recipe.output.deliveries": "--deliver",
  clarificationAnswer: "--answer",
  "recipe.clarificationAnswer": "--answer",
  backoffBaseMs: "--backoff",
  backoffCapMs: "--backoff-cap",
  timeZone: "--tz",
  useCase: "--use-case",
  codes: "--code",
};

/** Fields whose names are not English words, so that a text can only mean the field. */
const UNMISTAKABLE = Object.keys(OPTIONS).filter((field) => /[A-Z]/.test(field) && !field.includes("."));

/**
 * Matches such a field within a text, together with its option if that follows. Does not match parts of paths,
 * addresses or other names.
 */
const WITHIN = new RegExp(`(?<![\\w./-])(${UNMISTAKABLE.join("|")})(?![\\w/-]|\\.\\w)(?: \\((--[a-z-]+)\\))?`, "g");

/**
 * Replaces API field names in a message by the command's options: any field at the start, and camelCase fields
 * anywhere.
 */
export function withOptionName(message: string): string {
  const [, field = "", rest = ""] = /^(?:--)?([A-Za-z.]+): (.*)$/s.exec(message) ?? [];
  const option = Object.hasOwn(OPTIONS, field) ? OPTIONS[field] : undefined;
  return option === undefined ? withOptionsWithin(message) : `${option}: ${withOptionsWithin(rest)}`;
}

function withOptionsWithin(text: string): string {
  return text.replace(WITHIN, (_, field: string, named: string | undefined) => {
    const option = OPTIONS[field] ?? field;
    return named === undefined || named === option ? option : `${option} (${named})`;
  });
}
