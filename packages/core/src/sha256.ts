import { hash } from "node:crypto";

/** SHA-256 in lower-case hex. In one call, which takes a third of the time that a hash object needs for a short text. */
export function sha256(data: string | Uint8Array): string {
  return hash("sha256", data);
}
