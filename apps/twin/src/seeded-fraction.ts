import { createHash } from "node:crypto";

/** Returns a number in [0, 1) that depends only on the arguments. */
export function seededFraction(...words: readonly (string | number)[]): number {
  const digest = createHash("sha256").update(words.join("\u0000")).digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}
