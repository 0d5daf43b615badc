import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answer, event, stream, type Reply } from "@darkroom/provider-kit/fault-server";
import { Harness } from "../test/harness.ts";
import { DEFAULT_THROTTLE_MS } from "./classify.ts";

let harness: Harness;

beforeAll(async () => {
  harness = await Harness.start();
});

afterAll(async () => {
  await harness.close();
});

const error = (fields: object): Reply => stream(event({ type: "error", ...fields }));

const AUTH = { kind: "blocked", reason: "auth" };
const BALANCE = { kind: "blocked", reason: "balance" };
const refused = (code: string) => ({ kind: "refused", code, billed: "no" });
const failed = (code: string, billed: string) => ({ kind: "failed", code, sent: true, billed });
const UNREACHED = { kind: "link_unreached" };
const throttled = (retryAfterMs: number) => ({ kind: "throttled", retryAfterMs });

/** Raw answers and their meaning: the lines of provider contract A.7, in order. */
const LINES: readonly (readonly [wire: string, reply: Reply, expected: object])[] = [
  ["HTTP 401", answer(401, { detail: "nope" }), AUTH],
  ["HTTP 403", answer(403, "<h1>Forbidden</h1>"), AUTH],
  ["event: an invalid API key", error({ message: "Invalid API key" }), AUTH],

  ["event: prediction HTTP 422", error({ message: "Failed to create prediction: HTTP 422" }), BALANCE],
  ["event INSUFFICIENT_BALANCE", error({ message: "Sorry", error_code: "INSUFFICIENT_BALANCE" }), BALANCE],
  ["HTTP 402", answer(402, {}), BALANCE],
  ["HTTP 400 INSUFFICIENT_BALANCE", answer(400, { error_code: "INSUFFICIENT_BALANCE" }), BALANCE],

  ["HTTP 429", answer(429, {}), throttled(DEFAULT_THROTTLE_MS)],
  ["HTTP 429, Retry-After in seconds", answer(429, {}, { "retry-after": "42" }), throttled(42_000)],
  [
    "HTTP 429, Retry-After as a date",
    answer(429, {}, { "retry-after": "Sat, 21 Nov 2026 12:01:00 GMT" }),
    throttled(60_000),
  ],
  ["HTTP 429, Retry-After that has passed", answer(429, {}, { "retry-after": "0" }), throttled(1_000)],
  ["HTTP 429, retry_after in the body", answer(429, { retry_after: 7 }), throttled(7_000)],
  ["HTTP 429, reset only", answer(429, {}, { "x-ratelimit-reset": "1795262420" }), throttled(20_000)],
  ["event RATE_LIMITED", error({ error_code: "RATE_LIMITED", retry_after: 3 }), throttled(3_000)],
  ["event: words of a rate limit", error({ message: "Rate limit exceeded" }), throttled(DEFAULT_THROTTLE_MS)],

  [
    "HTTP 422 with detail[]",
    answer(422, { detail: [{ loc: ["body", "mode"], msg: "unexpected value" }] }),
    { ...refused("invalid_request"), message: expect.stringContaining("body.mode: unexpected value") },
  ],
  ["HTTP 400", answer(400, { detail: [{ msg: "field required" }] }), refused("invalid_request")],
  ["HTTP 404, which nobody listed", answer(404, {}), refused("invalid_request")],

  ["event: content policy", error({ message: "Blocked by our content policy" }), refused("content_policy")],
  ["event CONTENT_FILTER", error({ message: "no", error_code: "CONTENT_FILTER" }), refused("content_policy")],
  [
    "event CONTENT_FILTER in details",
    error({ message: "Failed", error_code: "GENERATION_FAILED", details: { error_code: "content_filter" } }),
    refused("content_policy"),
  ],
  ["HTTP 400 CONTENT_FILTER", answer(400, { error: { code: "CONTENT_FILTER" } }), refused("content_policy")],

  ["event: no face", error({ message: "No face detected in the image" }), refused("no_face")],
  ["event: a face is required", error({ message: "A clear face is required" }), refused("no_face")],

  ["event: invalid URL", error({ message: "Invalid image URL: https://x.test/a?sig=1" }), refused("invalid_image")],
  ["event: dimensions", error({ message: "Invalid image: Dimensions 9000x9000" }), refused("invalid_image")],
  ["event: too many images", error({ message: "Too many images (max 4)" }), refused("invalid_image")],
  ["HTTP 400: invalid image", answer(400, { detail: "Invalid image URL" }), refused("invalid_image")],

  ["HTTP 400: bare words", answer(400, { error_code: "INVALID_IMAGE_URL" }), refused("invalid_image")],
  ["event: a link to nothing", error({ message: "Invalid image URL: HTTP 404" }), refused("invalid_image")],
  ["event: its server is away", error({ message: "Invalid image URL: the server could not be reached" }), UNREACHED],
  ["event: its server fails", error({ message: "Invalid image URL: the server answered HTTP 503" }), UNREACHED],
  ["event: its server is slow", error({ message: "Invalid image URL: the connection timed out" }), UNREACHED],
  ["event: not fetched", error({ message: "Failed to download the image" }), UNREACHED],
  [
    "HTTP 400 INVALID_IMAGE_URL that was not fetched",
    answer(400, { error_code: "INVALID_IMAGE_URL", message: "The image could not be fetched" }),
    UNREACHED,
  ],
  ["HTTP 422: not fetched", answer(422, { detail: [{ msg: "could not fetch image_urls[0]" }] }), UNREACHED],

  ["event SESSION_BUSY", error({ error_code: "SESSION_BUSY", message: "wait" }), { kind: "busy" }],
  ["HTTP 409 SESSION_BUSY", answer(409, { error_code: "SESSION_BUSY" }), { kind: "busy" }],

  ["event SESSION_NOT_FOUND", error({ error_code: "SESSION_NOT_FOUND" }), { kind: "session_lost" }],
  ["HTTP 404 SESSION_NOT_FOUND", answer(404, { error_code: "SESSION_NOT_FOUND" }), { kind: "session_lost" }],
  ["event: memory limit", error({ message: "Session memory limit reached" }), { kind: "session_lost" }],

  ["event TIMEOUT", error({ error_code: "TIMEOUT" }), failed("timeout", "maybe")],
  ["event: timed out", error({ message: "The generation timed out" }), failed("timeout", "maybe")],
  ["HTTP 504: timed out", answer(504, { message: "upstream timed out" }), failed("timeout", "maybe")],

  ["HTTP 408", answer(408, {}), failed("provider_error", "maybe")],
  ["HTTP 500", answer(500, {}), failed("provider_error", "maybe")],
  ["HTTP 502 with a page", answer(502, "<p>Invalid image, rate limit</p>"), failed("provider_error", "maybe")],
  [
    "HTTP 503, Retry-After",
    answer(503, {}, { "retry-after": "9" }),
    { ...failed("provider_error", "maybe"), retryAfterMs: 9_000 },
  ],
  ["event: unavailable", error({ message: "Temporarily unavailable" }), failed("provider_error", "maybe")],
  [
    "event: prediction HTTP 503",
    error({ message: "Failed to create prediction: HTTP 503" }),
    failed("provider_error", "maybe"),
  ],

  ["event: unknown words", error({ message: "Something odd" }), failed("provider_error", "no")],
  ["event: nothing said", error({}), failed("provider_error", "no")],
  ["HTTP 204", answer(204, ""), failed("provider_error", "maybe")],
];

describe("errors of the provider", () => {
  it.each(LINES)("%s", async (_, reply, expected) => {
    const result = await harness.enhance(reply);
    expect(result).toMatchObject(expected);
    expect(result).toHaveProperty("message", expect.stringMatching(/^each::sense .{5,}/));
    expect(JSON.stringify(result)).not.toMatch(/https?:|sig=/);
  });

  it("cover every kind of fault", () => {
    const kinds = new Set(LINES.map(([, , expected]) => ("kind" in expected ? expected.kind : "")));
    expect(kinds).toEqual(
      new Set(["blocked", "busy", "failed", "link_unreached", "refused", "session_lost", "throttled"]),
    );
  });
});

describe("a limit of the account", () => {
  const reset = { "x-ratelimit-limit": "60", "x-ratelimit-reset": "1795262420" };
  it.each<[string, Reply, "rate" | "concurrency", number]>([
    ["a time to wait", answer(429, {}, { "retry-after": "42" }), "rate", 42_000],
    ["a minute that is used up", answer(429, {}, { ...reset, "x-ratelimit-remaining": "0" }), "rate", 20_000],
    ["words of a rate", error({ message: "Rate limit exceeded" }), "rate", DEFAULT_THROTTLE_MS],
    [
      "words of calls at once",
      answer(429, { detail: "Too many concurrent requests" }),
      "concurrency",
      DEFAULT_THROTTLE_MS,
    ],
    ["a code of calls at once", error({ error_code: "CONCURRENCY_LIMIT", retry_after: 3 }), "concurrency", 3_000],
    ["no reason at all", answer(429, {}), "concurrency", DEFAULT_THROTTLE_MS],
    [
      "calls that are left in the minute, whose end is then not waited for",
      answer(429, { error_code: "RATE_LIMITED" }, { ...reset, "x-ratelimit-remaining": "31" }),
      "concurrency",
      DEFAULT_THROTTLE_MS,
    ],
  ])("is recognized by %s", async (_, reply, cause, retryAfterMs) => {
    expect(await harness.enhance(reply)).toMatchObject({ kind: "throttled", cause, retryAfterMs });
  });
});
