import { DarkroomError } from "@darkroom/core";

export type Metadata = Readonly<Record<string, string>>;

const NAME = /^[a-z0-9][a-z0-9._-]*$/;
/**
 * Matches values that any store's headers return unchanged: printable ASCII, no outer or doubled space, not an encoded
 * word.
 */
const PLAIN = /^(?!=\?)(?! )(?!.* $)(?!.* {2})[\u0020-\u007e]+$/;
const ENCODED_WORD = /=\?utf-8\?([bq])\?([^?]*)\?=/giy;

/** Converts metadata keys to lower case. Throws `storage_invalid` for an invalid header name. */
export function foldMetadata(metadata: Metadata): Metadata {
  const folded: Record<string, string> = {};
  for (const [key, value] of Object.entries(metadata)) {
    const name = key.toLowerCase();
    if (!NAME.test(name)) {
      const message = `the metadata name ${JSON.stringify(key)} is invalid: use letters, digits, - _ and .`;
      throw new DarkroomError("storage_invalid", message);
    }
    folded[name] = value;
  }
  return folded;
}

/** Encodes a value for a header: unchanged when safe, otherwise as an RFC 2047 encoded word. */
export function encodeValue(value: string): string {
  return PLAIN.test(value) ? value : `=?UTF-8?B?${Buffer.from(value).toString("base64")}?=`;
}

function decodeQ(text: string): Buffer {
  const bytes = text.replaceAll("_", " ").replaceAll(/=([0-9a-f]{2})/gi, (_, hex: string) => {
    return String.fromCharCode(Number.parseInt(hex, 16));
  });
  return Buffer.from(bytes, "latin1");
}

/** Reverses {@link encodeValue}. AWS returns values written by other clients in the same form. */
export function decodeValue(value: string): string {
  const parts: Buffer[] = [];
  let at = 0;
  while (at < value.length) {
    ENCODED_WORD.lastIndex = at;
    const word = ENCODED_WORD.exec(value);
    if (word === null) return value;
    const [all, form = "", text = ""] = word;
    parts.push(form.toLowerCase() === "b" ? Buffer.from(text, "base64") : decodeQ(text));
    at += all.length;
    while (value[at] === " ") at++;
  }
  return Buffer.concat(parts).toString();
}

/** Applies `change` to each value. */
export function mapValues(metadata: Metadata, change: (value: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, change(value)]));
}
