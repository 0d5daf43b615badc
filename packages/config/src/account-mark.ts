import { sha256 } from "@darkroom/core";

const MARK_LENGTH = 12;

/** Tells an account's key from another one; says nothing of what the key is. */
export function accountMark(apiKey: string): string {
  return sha256(`darkroom account ${apiKey}`).slice(0, MARK_LENGTH);
}

/** What {@link accountMark} makes. */
export const ACCOUNT_MARK = new RegExp(`^[0-9a-f]{${MARK_LENGTH}}$`);
