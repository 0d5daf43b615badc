import { sha256 } from "@darkroom/core";

const MARK_LENGTH = 12;

/** Derives a mark that distinguishes an account's key from other keys without revealing it. */
export function accountMark(apiKey: string): string {
  return sha256(`darkroom account ${apiKey}`).slice(0, MARK_LENGTH);
}

/** The format of {@link accountMark}. */
export const ACCOUNT_MARK = new RegExp(`^[0-9a-f]{${MARK_LENGTH}}$`);
