import { z } from "zod";

type Issue = z.core.$ZodRawIssue;

/** Display names of value types. */
const KINDS: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
  null: "null",
};
/** Display names of text formats. */
const FORMATS: Readonly<Record<string, string>> = {
  url: "a URL",
  datetime: 'a time with its offset, as in "2026-01-31T18:00:00Z"',
  date: 'a date, as in "2026-01-31"',
  uuid: "a UUID",
};

/**
 * Returns a message about a schema violation, worded to follow the field's name: "mode: must be given". Schemas with
 * their own messages keep those. Undefined selects zod's message.
 */
function schemaWords(issue: Issue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      if (issue.input === undefined) return "must be given";
      if (issue.expected === "int" || issue.expected !== kindOf(issue.input)) {
        return `must be ${KINDS[issue.expected] ?? issue.expected}`;
      }
      return undefined;
    case "invalid_value":
      return issue.input === undefined ? `must be given: ${choice(issue.values)}` : `must be ${choice(issue.values)}`;
    case "unrecognized_keys":
      return issue.keys.length === 1 ? "there is no such field" : `there are no such fields: ${issue.keys.join(", ")}`;
    case "too_small":
      return sizeWords(issue.origin, issue.minimum, issue.inclusive === false ? "more than" : "at least");
    case "too_big":
      return sizeWords(issue.origin, issue.maximum, issue.inclusive === false ? "less than" : "at most");
    case "invalid_format": {
      const called = FORMATS[issue.format];
      return called === undefined ? undefined : `must be ${called}`;
    }
    case "invalid_union":
      return unionWords(issue);
    case "custom":
    case "invalid_element":
    case "invalid_key":
    case "not_multiple_of":
      return undefined;
  }
}

function kindOf(input: unknown): string {
  if (input === null) return "null";
  return Array.isArray(input) ? "array" : typeof input;
}

function choice(values: readonly unknown[]): string {
  const quoted = values.map((value) => JSON.stringify(value));
  return quoted.length === 1 ? (quoted[0] ?? "") : `one of ${quoted.join(", ")}`;
}

function sizeWords(origin: string, bound: number | bigint, words: string): string {
  if (origin === "string" || origin === "array" || origin === "set") {
    if (words === "at least" && Number(bound) === 1) return "must not be empty";
    return `must have ${words} ${bound} ${origin === "string" ? "characters" : "entries"}`;
  }
  return `must be ${words} ${bound}`;
}

/** For a value that matches no member of a union: the first message of each member, once. */
function unionWords(issue: Extract<Issue, { code: "invalid_union" }>): string | undefined {
  if (issue.input === undefined) return "must be given";
  const kinds = issue.errors.flatMap(([first]) =>
    first?.code === "invalid_type" && first.path.length === 0 ? [KINDS[first.expected] ?? first.expected] : [],
  );
  if (kinds.length > 0 && kinds.length === issue.errors.length) return `must be ${[...new Set(kinds)].join(" or ")}`;
  // If the value has a member's type, only that member's message applies.
  const inside = issue.errors.find(([first]) => !(first?.code === "invalid_type" && first.path.length === 0));
  return inside?.[0]?.message;
}

z.config({ localeError: (issue) => schemaWords(issue) });
