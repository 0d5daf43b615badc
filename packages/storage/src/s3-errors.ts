import { DarkroomError, messageOf } from "@darkroom/core";

const NOT_FOUND = new Set(["NoSuchKey", "NotFound", "NoSuchBucket"]);
const DENIED = new Set([
  "AccessDenied",
  "Forbidden",
  "AccountProblem",
  "AllAccessDisabled",
  "AuthorizationHeaderMalformed",
  "BucketAlreadyExists",
  "CredentialsProviderError",
  "ExpiredToken",
  "InvalidAccessKeyId",
  "InvalidToken",
  "PermanentRedirect",
  "RequestTimeTooSkewed",
  "SignatureDoesNotMatch",
  "TokenRefreshRequired",
]);
const UNAVAILABLE = new Set([
  "BadDigest",
  "IncompleteBody",
  "InternalError",
  "OperationAborted",
  "RequestTimeout",
  "RequestTimeoutException",
  "ServiceUnavailable",
  "SlowDown",
  "Throttling",
  "ThrottlingException",
  "TimeoutError",
  "TooManyRequestsException",
]);
const CONNECTION = new Set([
  "EAI_AGAIN",
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
]);

const INVALID = new Set(["EntityTooLarge", "KeyTooLongError", "MetadataTooLarge"]);
/** What the SDK copies from the store's answer into a refused request's error: parts of the signature and the key's id. */
const SECRETS = [
  "AWSAccessKeyId",
  "CanonicalRequest",
  "CanonicalRequestBytes",
  "SignatureProvided",
  "StringToSign",
  "StringToSignBytes",
];

/** What was asked of the store, for the message. */
export interface S3Request {
  readonly action: "read" | "write" | "delete" | "list" | "link" | "create";
  readonly bucket: string;
  /** The whole key, or the prefix of a listing. */
  readonly key?: string;
}

interface Facts {
  readonly name: string;
  readonly code: string;
  readonly status: number | undefined;
}

function withoutSecrets(error: unknown): unknown {
  if (error instanceof Error) for (const name of SECRETS) Reflect.deleteProperty(error, name);
  return error;
}

function factsOf(error: unknown): Facts {
  if (!(error instanceof Error)) return { name: "", code: "", status: undefined };
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const metadata = "$metadata" in error ? error.$metadata : undefined;
  const status =
    typeof metadata === "object" && metadata !== null && "httpStatusCode" in metadata
      ? metadata.httpStatusCode
      : undefined;
  return { name: error.name, code, status: typeof status === "number" ? status : undefined };
}

/** What the store called it; an answer to HEAD has no words, only its status. */
function saidBy(error: unknown, { name, code, status }: Facts): string {
  if (status !== undefined && (name.startsWith("Unknown") || name === String(status))) return `HTTP ${status}`;
  if (name !== "" && name !== "Error") return name;
  return code === "" ? messageOf(error) : code;
}

/** True for the store's word that there is no such object. */
export function isNotFound(error: unknown): boolean {
  const { name, status } = factsOf(error);
  return NOT_FOUND.has(name) || (status === 404 && name !== "NoSuchUpload");
}

type Kind = "storage_denied" | "storage_unavailable" | "storage_invalid" | "internal";

function kindOf({ name, code, status }: Facts): Kind {
  if (DENIED.has(name) || status === 401 || status === 403) return "storage_denied";
  if (UNAVAILABLE.has(name) || CONNECTION.has(code) || CONNECTION.has(name)) return "storage_unavailable";
  if (INVALID.has(name)) return "storage_invalid";
  if (status === 429 || (status !== undefined && status >= 500)) return "storage_unavailable";
  return "internal";
}

/** True for a range that begins past the end, which an empty object gives for any range. */
export function isPastEnd(error: unknown): boolean {
  const { name, status } = factsOf(error);
  return name === "InvalidRange" || status === 416;
}

/**
 * The house's error for one of the SDK's. Messages name bucket and key, never a credential or a signed URL; an error
 * that no list knows becomes `internal` with the original as its cause.
 */
export function mapS3Error(error: unknown, { action, bucket, key }: S3Request): DarkroomError {
  if (error instanceof DarkroomError) return error;
  const cause = withoutSecrets(error);
  const facts = factsOf(error);
  const what = `cannot ${action} s3://${bucket}/${key ?? ""}`;
  const said = saidBy(error, facts);
  if (facts.name === "NoSuchBucket") {
    return new DarkroomError("storage_not_found", `${what}: there is no bucket ${bucket}`, { cause });
  }
  if (isNotFound(error)) return new DarkroomError("storage_not_found", `${what}: it is not there`, { cause });
  if (said.startsWith("Region is missing")) {
    const message = `${what}: no region is set; set the S3 region (AWS_REGION), or the endpoint of an S3-compatible store (AWS_ENDPOINT_URL_S3)`;
    return new DarkroomError("invalid_settings", message, { cause });
  }
  const code = kindOf(facts);
  switch (code) {
    case "storage_denied": {
      const missing = action === "read" ? " (without the right to list, a missing object is refused too)" : "";
      const message = `${what}: refused (${said}); check the credentials, the region and the rights on the bucket${missing}`;
      return new DarkroomError(code, message, { cause });
    }
    case "storage_unavailable": {
      const message = `${what}: the store does not answer (${facts.code === "" ? said : facts.code}); check the endpoint, then try again`;
      return new DarkroomError(code, message, { retryable: true, cause });
    }
    case "storage_invalid":
    case "internal":
      return new DarkroomError(code, `${what}: ${said}`, { cause });
    default:
      throw code satisfies never;
  }
}
