import { expect, test } from "vitest";
import { mapS3Error } from "./s3-errors.ts";

const NOW_MS = Date.now();
const REQUEST = { action: "read", bucket: "team", key: "in/ada.jpg" } as const;

/** Returns an error as the SDK creates it from a store's response. */
function answered(name: string, httpStatusCode: number, message = name, more: object = {}): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode }, ...more });
}

const SSE_C = "The object was stored using a form of Server Side Encryption. The correct parameters must be provided.";
const KMS_OFF = "arn:aws:kms:eu-central-1:000000000000:key/1111 is disabled.";
const KMS_DENIED = "User: arn:aws:iam::000000000000:user/x is not authorized to perform: kms:Decrypt on the resource";
const behind = (minutes: number) => ({ ServerTime: new Date(NOW_MS + minutes * 60_000).toISOString() });

test.each([
  [
    "an archived object",
    answered("InvalidObjectState", 403),
    "storage_refused",
    /archived \(Glacier\); restore it first/,
  ],
  [
    "an object encrypted with a customer's key",
    answered("InvalidRequest", 400, SSE_C),
    "storage_refused",
    /Server Side Encryption/,
  ],
  ["a disabled key", answered("KMS.DisabledException", 400, KMS_OFF), "storage_refused", /key\/1111 is disabled/],
  ["a key of another account", answered("AccessDenied", 403, KMS_DENIED), "storage_refused", /kms:Decrypt/],
  [
    "a clock that is behind",
    answered("RequestTimeTooSkewed", 403, "too large", behind(20)),
    "storage_denied",
    /clock is off by 20 minutes \(behind\)/,
  ],
  [
    "a clock that is ahead",
    answered("RequestTimeTooSkewed", 403, "too large", behind(-16)),
    "storage_denied",
    /16 minutes \(ahead\)/,
  ],
  [
    "a clock whose offset the answer does not show",
    answered("RequestTimeTooSkewed", 403, "too large", behind(0)),
    "storage_denied",
    /clock is off; correct it/,
  ],
  ["a clock with unknown offset", answered("RequestTimeTooSkewed", 403), "storage_denied", /clock is off; correct it/],
  [
    "another region",
    answered("PermanentRedirect", 301, "m", { Region: "eu-west-1" }),
    "storage_denied",
    /bucket is in eu-west-1; set the S3 region/,
  ],
  [
    "another region, named in a header",
    answered("Unknown", 301, "Unknown", { $response: { headers: { "x-amz-bucket-region": "eu-west-3" } } }),
    "storage_denied",
    /eu-west-3/,
  ],
  [
    "a wrong region",
    answered("AuthorizationHeaderMalformed", 400, "m", { Region: "us-west-2" }),
    "storage_denied",
    /us-west-2/,
  ],
  [
    "no permission",
    answered("AccessDenied", 403, "Access Denied"),
    "storage_denied",
    /AccessDenied: Access Denied.*without permission to list/,
  ],
  ["no bucket", answered("NoSuchBucket", 404), "storage_not_found", /the bucket team does not exist/],
  ["no object", answered("NoSuchKey", 404), "storage_not_found", /it does not exist/],
  [
    "a wrong access key",
    answered("InvalidAccessKeyId", 403, "the key AKIA…"),
    "invalid_settings",
    /check the access key/,
  ],
  ["an expired token", answered("ExpiredToken", 400), "invalid_settings", /session token has expired/],
  [
    "too many requests",
    answered("SlowDown", 503, "Please reduce your request rate."),
    "storage_unavailable",
    /busy \(SlowDown: Please reduce/,
  ],
  [
    "a server error",
    answered("InternalError", 500, "We encountered an internal error"),
    "storage_unavailable",
    /does not answer/,
  ],
  [
    "no answer",
    Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:1"), { code: "ECONNREFUSED" }),
    "storage_unavailable",
    /\(ECONNREFUSED\)/,
  ],
  [
    "an unlisted code",
    answered("TeapotException", 418, "I am one."),
    "storage_refused",
    /refused \(TeapotException: I am one\)$/,
  ],
  [
    "an answer without a message",
    answered("UnknownError", 400, "UnknownError"),
    "storage_refused",
    /refused \(HTTP 400\)/,
  ],
  ["no region", new Error("Region is missing"), "invalid_settings", /AWS_REGION/],
  ["an error of our own", new TypeError("x is not a function"), "internal", /TypeError/],
])("%s gets its own message", (_, error, code, words) => {
  const mapped = mapS3Error(error, REQUEST);
  expect(mapped.message).toMatch(words);
  expect(mapped).toMatchObject({ code, retryable: code === "storage_unavailable", cause: error });
  expect(mapped.message).toContain("cannot read s3://team/in/ada.jpg: ");
});

test("the message about a refused key does not repeat the store's answer", () => {
  expect(mapS3Error(answered("InvalidAccessKeyId", 403, "the key KEYID is unknown"), REQUEST).message).not.toContain(
    "KEYID",
  );
});
