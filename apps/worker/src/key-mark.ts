import { createHash } from "node:crypto";

/** Tells an account's key from another one, as while a new key is rolled out; says nothing of what it is. */
export function keyMark(apiKey: string | undefined): string {
  return apiKey === undefined ? "" : createHash("sha256").update(apiKey).digest("hex").slice(0, 12);
}
