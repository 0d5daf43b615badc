import { createHmac, randomBytes } from "node:crypto";

const PREFIX = "whsec_";
/** The specification asks for 24 to 64 bytes. */
const SECRET_BYTES = 32;

/** Content that is signed. */
export interface SignedContent {
  /** The `webhook-id`. */
  readonly id: string;
  /** Time of the attempt, epoch ms. */
  readonly atMs: number;
  readonly body: string;
}

/** Returns a new signing secret, as the Standard Webhooks specification writes one: `whsec_` and base64. */
export function newWebhookSecret(): string {
  return `${PREFIX}${randomBytes(SECRET_BYTES).toString("base64")}`;
}

/**
 * Returns the headers of a delivery by the Standard Webhooks specification. With several secrets, which are valid
 * during a rotation, there is a signature for each.
 */
export function signedHeaders(
  secrets: readonly string[],
  { id, atMs, body }: SignedContent,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(atMs / 1_000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), "base64");
    return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
  });
  return {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signatures.join(" "),
  };
}
