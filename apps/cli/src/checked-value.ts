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

/** A number as it is written in decimals; never an empty text, which `Number` takes for 0. */
export function toNumber(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text.trim())) return Number(text);
  throw new InvalidArgumentError("It must be a number.");
}
