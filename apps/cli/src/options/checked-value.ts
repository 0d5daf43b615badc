import { InvalidArgumentError } from "commander";

/** A part of a schema of core that tells whether a value will do. */
interface Check<T> {
  safeParse(
    value: unknown,
  ):
    | { readonly success: true; readonly data: T }
    | { readonly success: false; readonly error: { readonly issues: readonly { readonly message: string }[] } };
}

/**
 * Reads an option's value with a schema of core, so that the command and the API take the same. Commander names the
 * option in its message and ends with exit code 2.
 *
 * @param convert what was typed as the value that the schema means; throws InvalidArgumentError
 */
export function checkedValue<T>(check: Check<T>, convert: (text: string) => unknown): (text: string) => NonNullable<T> {
  return (text) => {
    const parsed = check.safeParse(convert(text));
    if (!parsed.success) throw new InvalidArgumentError(issueText(parsed.error.issues[0]));
    if (parsed.data === undefined || parsed.data === null) throw new InvalidArgumentError("It is empty.");
    return parsed.data;
  };
}

/** A sentence that says what the value must be. */
function issueText({ message }: { readonly message: string } = { message: "must be valid" }): string {
  return `${message.startsWith("must ") ? "It " : ""}${message}.`;
}

/**
 * A number as it is written in decimals, with a point or a comma; never an empty text, which `Number` takes for 0. A comma
 * before three digits may part thousands, so that it is refused, unless a zero is before it.
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
