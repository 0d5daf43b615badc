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

/** Replaces an API field at the start of a message by the command's option. */
export function withOptionName(message: string): string {
  const [, field = "", rest = ""] = /^(?:--)?([A-Za-z.]+): (.*)$/s.exec(message) ?? [];
  const option = Object.hasOwn(OPTIONS, field) ? OPTIONS[field] : undefined;
  return option === undefined ? message : `${option}: ${rest}`;
}
