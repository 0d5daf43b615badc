import { hash } from "node:crypto";

/** SHA-256 in lower-case hex. One call takes a third of the time of a hash object for a short text. */
export function sha256(data: string | Uint8Array): string {
  return hash("sha256", data);
}
