import type { S3Facts } from "./s3-facts.ts";

/**
 * The subject of an error. `missing`: no such object. `settings`: this process's configuration or credentials; those of
 * other processes may be right. `denied`: the caller's rights or the bucket. `refused`: this object or request.
 * `invalid`: the key or its size. `full`: no space. `unavailable`: transient.
 */
export interface S3Rule {
  readonly kind: "missing" | "settings" | "denied" | "refused" | "invalid" | "full" | "unavailable" | "unknown";
  /** The problem and the fix, worded to follow "cannot read s3://…: ". */
  readonly words?: string | ((facts: S3Facts, request: S3Request) => string);
}

const denied = (words: NonNullable<S3Rule["words"]>): S3Rule => ({ kind: "denied", words });
const settings = (words: NonNullable<S3Rule["words"]>): S3Rule => ({ kind: "settings", words });
const refused = (words: NonNullable<S3Rule["words"]>): S3Rule => ({ kind: "refused", words });

/** Formats the store's code and message. The message names the missing right or key. */
function saying({ name, status, sentence }: S3Facts): string {
  const code = name === "" ? `HTTP ${status}` : name;
  return sentence === "" ? code : `${code}: ${sentence}`;
}

const mayBeMissing = (action: S3Request["action"]): string =>
  action === "read" ? " (without permission to list, a missing object is refused too)" : "";

const KEYS_WRONG = settings(({ name }) => `refused (${name}); check the access key and its secret`);
const TOKEN_OLD = settings(
  ({ name }) => `refused (${name}): the session token has expired or is wrong; get new credentials`,
);
const RIGHTS = denied(
  (facts, { action }) =>
    `refused (${saying(facts)}); check the credentials, the region and the permissions on the bucket${mayBeMissing(action)}`,
);
const ELSEWHERE = denied(({ name, elsewhere }) => {
  const where = elsewhere === undefined ? "another region" : elsewhere;
  return `refused (${name}): the bucket is in ${where}; set the S3 region (AWS_REGION) or the endpoint (AWS_ENDPOINT_URL_S3) to it`;
});
const ENCRYPTED = refused((facts) => `refused (${saying(facts)}); make its encryption key usable`);
const BUSY: S3Rule = { kind: "unavailable", words: (facts) => `the store is busy (${saying(facts)}); try again` };
const FAULT: S3Rule = {
  kind: "unavailable",
  words: (facts) =>
    `the store does not answer (${facts.code === "" ? saying(facts) : facts.code}); check the endpoint, then try again`,
};
/** S3-compatible servers report a full store under different names, with status 507, or with 403 for a quota. */
const FULL: S3Rule = {
  kind: "full",
  words: (facts) => `the store is full (${saying(facts)}); free space there or raise its quota`,
};
const TOO_MUCH: S3Rule = { kind: "invalid", words: saying };

/** Minimum clock difference in a response's date that may explain a refusal. S3 tolerates 15 minutes of clock skew. */
const TELLING_MS = 60_000;

const CLOCK = denied(({ name, aheadMs }) => {
  const isTold = aheadMs !== undefined && Math.abs(aheadMs) >= TELLING_MS;
  const off = !isTold ? "" : ` by ${minutes(Math.abs(aheadMs))} (${aheadMs > 0 ? "ahead" : "behind"})`;
  return `refused (${name}): this machine's clock is off${off}; correct it, for instance with NTP`;
});

function minutes(ms: number): string {
  return ms < 120_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} minutes`;
}

/** Rules by the store's code. Other codes are classified by HTTP status. */
const BY_NAME: Readonly<Record<string, S3Rule>> = {
  NoSuchKey: { kind: "missing", words: "it does not exist" },
  NotFound: { kind: "missing", words: "it does not exist" },
  NoSuchBucket: { kind: "missing", words: (_, { bucket }) => `the bucket ${bucket} does not exist` },

  InvalidAccessKeyId: KEYS_WRONG,
  SignatureDoesNotMatch: KEYS_WRONG,
  CredentialsProviderError: settings(
    "no credentials were found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile",
  ),
  ExpiredToken: TOKEN_OLD,
  ExpiredTokenException: TOKEN_OLD,
  InvalidToken: TOKEN_OLD,
  TokenRefreshRequired: TOKEN_OLD,
  RequestTimeTooSkewed: CLOCK,
  RequestExpired: CLOCK,
  PermanentRedirect: ELSEWHERE,
  TemporaryRedirect: ELSEWHERE,
  AuthorizationHeaderMalformed: ELSEWHERE,
  IllegalLocationConstraintException: ELSEWHERE,
  AccessDenied: RIGHTS,
  Forbidden: RIGHTS,
  AccountProblem: RIGHTS,
  AllAccessDisabled: RIGHTS,
  BucketAlreadyExists: denied("another account owns a bucket of this name; choose another name"),

  InvalidObjectState: refused("it is archived (Glacier); restore it first, then try again"),

  EntityTooLarge: TOO_MUCH,
  KeyTooLongError: TOO_MUCH,
  MetadataTooLarge: TOO_MUCH,

  InsufficientCapacity: FULL,
  QuotaExceeded: FULL,
  StorageFull: FULL,
  XMinioAdminBucketQuotaExceeded: FULL,
  XMinioStorageFull: FULL,

  BadDigest: FAULT,
  IncompleteBody: FAULT,
  InternalError: FAULT,
  OperationAborted: FAULT,
  RequestTimeout: FAULT,
  RequestTimeoutException: FAULT,
  ServiceUnavailable: FAULT,
  TimeoutError: FAULT,
  SlowDown: BUSY,
  Throttling: BUSY,
  ThrottlingException: BUSY,
  TooManyRequestsException: BUSY,
};

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

const NO_REGION: S3Rule = {
  kind: "settings",
  words:
    "no region is set; set the S3 region (AWS_REGION), or the endpoint of an S3-compatible store (AWS_ENDPOINT_URL_S3)",
};

/** Maps a store's error to its rule. An unlisted error concerns the requested object. */
export function ruleFor(facts: S3Facts): S3Rule {
  const { name, code, status, sentence } = facts;
  if (sentence.startsWith("Region is missing")) return NO_REGION;
  const isAboutKey = name.startsWith("KMS.") || /server side encryption|\bkms\b|decrypt/i.test(sentence);
  if (isAboutKey && status !== undefined && status < 500) return ENCRYPTED;
  const known = Object.hasOwn(BY_NAME, name) ? BY_NAME[name] : undefined;
  if (known !== undefined) return known;
  if (CONNECTION.has(code) || CONNECTION.has(name)) return FAULT;
  if (status === undefined) return { kind: "unknown" };
  if (status === 404 && name !== "NoSuchUpload") return { kind: "missing", words: "it does not exist" };
  if (status === 401 || status === 403) return RIGHTS;
  if (status === 429) return BUSY;
  if (status === 507) return FULL;
  if (status >= 500 || status === 408) return FAULT;
  if (status >= 300 && status < 400) return ELSEWHERE;
  return status >= 400 ? refused((said) => `refused (${saying(said)})`) : { kind: "unknown" };
}

/** The request, for the error message. */
export interface S3Request {
  readonly action: "read" | "write" | "delete" | "list" | "link" | "create";
  readonly bucket: string;
  /** The full key, or a listing's prefix. */
  readonly key?: string;
}
