import { DarkroomError, messageOf } from "@darkroom/core";
import { factsOf, type S3Facts } from "./s3-facts.ts";
import { ruleFor, type S3Rule } from "./s3-rules.ts";
import type { S3Request } from "./s3-rules.ts";

/** Fields that the SDK copies from the store's response into an error: parts of the signature and the key id. */
const SECRETS = [
  "AWSAccessKeyId",
  "CanonicalRequest",
  "CanonicalRequestBytes",
  "SignatureProvided",
  "StringToSign",
  "StringToSignBytes",
];

/** True when the store reports a missing object. */
export function isNotFound(error: unknown): boolean {
  return ruleFor(factsOf(error)).kind === "missing";
}

/** True for a range that starts beyond the end, as every range of an empty object does. */
export function isPastEnd(error: unknown): boolean {
  const { name, status } = factsOf(error);
  return name === "InvalidRange" || status === 416;
}

/**
 * Converts an SDK error by the table in `s3-rules.ts`. Messages name bucket and key, never a credential or a signed
 * URL.
 */
export function mapS3Error(error: unknown, request: S3Request): DarkroomError {
  if (error instanceof DarkroomError) return error;
  const cause = withoutSecrets(error);
  const facts = factsOf(error);
  const what = `cannot ${request.action} s3://${request.bucket}/${request.key ?? ""}`;
  const rule = ruleFor(facts);
  const message = `${what}: ${wordsFor(rule, facts, request, messageOf(error))}`;
  switch (rule.kind) {
    case "missing":
      return new DarkroomError("storage_not_found", message, { cause });
    case "settings":
      return new DarkroomError("invalid_settings", message, { cause });
    case "denied":
      return new DarkroomError("storage_denied", message, { cause });
    case "refused":
      return new DarkroomError("storage_refused", message, { cause });
    case "invalid":
      return new DarkroomError("storage_invalid", message, { cause });
    case "full":
      return new DarkroomError("storage_full", message, { retryable: true, cause });
    case "unavailable":
      return new DarkroomError("storage_unavailable", message, { retryable: true, cause });
    case "unknown":
      return new DarkroomError("internal", message, { cause });
    default:
      return rule.kind satisfies never;
  }
}

function wordsFor(rule: S3Rule, facts: S3Facts, request: S3Request, otherwise: string): string {
  const own = typeof rule.words === "string" ? rule.words : rule.words?.(facts, request);
  if (own !== undefined) return own;
  const said = [facts.name, facts.status === undefined ? "" : `HTTP ${facts.status}`].find((name) => name !== "");
  return said ?? otherwise;
}

function withoutSecrets(error: unknown): unknown {
  if (error instanceof Error) for (const name of SECRETS) Reflect.deleteProperty(error, name);
  return error;
}
