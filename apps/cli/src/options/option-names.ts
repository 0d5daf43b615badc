/** The API's fields, by the option that a person typed. */
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

/** A message that begins with the name of an API field, with the command's own name for it. */
export function withOptionName(message: string): string {
  const [, field = "", rest = ""] = /^(?:--)?([A-Za-z.]+): (.*)$/s.exec(message) ?? [];
  const option = Object.hasOwn(OPTIONS, field) ? OPTIONS[field] : undefined;
  return option === undefined ? message : `${option}: ${rest}`;
}
