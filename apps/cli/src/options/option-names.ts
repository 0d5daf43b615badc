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

/** Fields whose name is no English word, so that it can only mean the field. */
const UNMISTAKABLE = Object.keys(OPTIONS).filter((field) => /[A-Z]/.test(field) && !field.includes("."));

/** Such a field within a text, but not as part of a path, address or other name; with its option if that follows. */
const WITHIN = new RegExp(`(?<![\\w./-])(${UNMISTAKABLE.join("|")})(?![\\w/-]|\\.\\w)(?: \\((--[a-z-]+)\\))?`, "g");

/** Replaces API field names in a message with the command's options: any field at the start, and camelCase ones anywhere. */
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
