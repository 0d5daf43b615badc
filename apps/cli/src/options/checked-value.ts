import { InvalidArgumentError } from "commander";

/** The part of a core schema that validates a value. */
interface Check<T> {
  safeParse(
    value: unknown,
  ):
    | { readonly success: true; readonly data: T }
    | { readonly success: false; readonly error: { readonly issues: readonly { readonly message: string }[] } };
}

/**
 * Parses an option's value with a core schema, so that the command and the API accept the same values. Commander names
 * the option in its message and exits with code 2.
 *
 * @param convert converts the typed text for the schema; throws InvalidArgumentError
 */
export function checkedValue<T>(check: Check<T>, convert: (text: string) => unknown): (text: string) => NonNullable<T> {
  return (text) => {
    const parsed = check.safeParse(convert(text));
    if (!parsed.success) throw new InvalidArgumentError(issueText(parsed.error.issues[0]));
    if (parsed.data === undefined || parsed.data === null) throw new InvalidArgumentError("It is empty.");
    return parsed.data;
  };
}

/** Returns a sentence with the accepted values. */
function issueText({ message }: { readonly message: string } = { message: "must be valid" }): string {
  return `${message.startsWith("must ") ? "It " : ""}${message}.`;
}

/**
 * Parses a decimal number with a point or a comma. Rejects an empty text, which `Number` reads as 0. Rejects a comma
 * before three digits, which may separate thousands, unless the integer part is zero.
 */
export function toNumber(text: string): number {
  const plain = text.trim();
  if (/^\d+(\.\d+)?$/.test(plain)) return Number(plain);
  if (/^(?:0,\d+|\d+,(?:\d{1,2}|\d{4,}))$/.test(plain)) return Number(plain.replace(",", "."));
  if (/^[\d.,]*\d[\d.,]*$/.test(plain)) {
    throw new InvalidArgumentError("It must be a number without marks between thousands, like 1500 or 0.8.");
  }
  throw new InvalidArgumentError("It must be a number.");
}
