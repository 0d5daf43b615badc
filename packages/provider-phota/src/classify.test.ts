import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answer, dropped, type Reply } from "@darkroom/provider-kit/fault-server";
import { Harness } from "../test/harness.ts";
import { DEFAULT_THROTTLE_MS } from "./classify.ts";

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(async () => await harness.close());

const AUTH = { kind: "blocked", reason: "auth" };
const BALANCE = { kind: "blocked", reason: "balance" };
const MAYBE = { kind: "failed", code: "provider_error", sent: true, billed: "maybe" };
const refused = (code: string) => ({ kind: "refused", code, billed: "no" });
const throttled = (retryAfterMs: number) => ({ kind: "throttled", retryAfterMs });
const saying = (expected: object, words: string) => ({ ...expected, message: expect.stringContaining(words) });

/** Raw answers and their meaning: the errors of provider contract B, in order. */
const LINES: readonly (readonly [wire: string, reply: Reply, expected: object])[] = [
  ["400 CONTENT_MODERATION", answer(400, { code: "CONTENT_MODERATION", detail: "no" }), refused("content_policy")],
  ["400 with the code in detail", answer(400, { detail: "CONTENT_MODERATION" }), refused("content_policy")],
  [
    "400 with the code in a detail object",
    answer(400, { detail: { code: "CONTENT_MODERATION" } }),
    refused("content_policy"),
  ],
  ["400 with the words alone", answer(400, { message: "Content moderation violation" }), refused("content_policy")],
  ["400: an invalid image", answer(400, { detail: "Invalid image" }), refused("invalid_image")],
  [
    "400: an image that cannot be fetched",
    answer(400, { detail: "Could not download image" }),
    { kind: "link_unreached" },
  ],
  [
    "400: an image whose server is away",
    answer(400, { detail: "Invalid image URL: the server could not be reached" }),
    { kind: "link_unreached" },
  ],
  [
    "400: an image whose server fails, with a code",
    answer(400, { code: "INVALID_IMAGE_URL", detail: "Invalid image URL: the server answered HTTP 503" }),
    { kind: "link_unreached" },
  ],
  [
    "422: an image that cannot be fetched",
    answer(422, { detail: [{ loc: ["body", "image"], msg: "failed to fetch image" }] }),
    { kind: "link_unreached" },
  ],
  [
    "400: an image that is not there",
    answer(400, { detail: "Invalid image URL: the server answered HTTP 404" }),
    refused("invalid_image"),
  ],
  ["400: an unsupported format", answer(400, { detail: "Image format not supported" }), refused("invalid_image")],
  ["400: no face", answer(400, { detail: "No face detected" }), refused("no_face")],
  [
    "400: another input",
    answer(400, { detail: "Profile p1 is not ready" }),
    saying(refused("invalid_request"), "Profile p1"),
  ],
  ["401", answer(401, { detail: "Invalid API key" }), AUTH],
  ["403", answer(403, "<h1>Forbidden</h1>"), AUTH],
  ["402", answer(402, { detail: "Out of credit" }), BALANCE],
  [
    "404 that names the profile",
    answer(404, { detail: "Profile not found: p1" }),
    saying(refused("invalid_request"), ": Profile not found: p1"),
  ],
  ["404 that names none", answer(404, { detail: "Not found" }), saying(refused("invalid_request"), "profiles p1, p2")],
  ["413", answer(413, "<h1>Too large</h1>"), refused("too_large")],
  [
    "422 with detail[]",
    answer(422, { detail: [{ loc: ["body", "image"], msg: "invalid image" }] }),
    saying(refused("invalid_request"), "body.image: invalid image"),
  ],
  ["429", answer(429, {}), throttled(DEFAULT_THROTTLE_MS)],
  ["429, Retry-After in seconds", answer(429, {}, { "retry-after": "42" }), throttled(42_000)],
  [
    "429, Retry-After as a date",
    answer(429, {}, { "retry-after": "Sat, 21 Nov 2026 12:01:00 GMT" }),
    throttled(60_000),
  ],
  ["429, a wait that has passed", answer(429, {}, { "retry-after": "0" }), throttled(1_000)],
  ["429, reset only", answer(429, {}, { "x-ratelimit-reset": "1795262420" }), throttled(20_000)],
  ["408", answer(408, {}), MAYBE],
  ["500", answer(500, { detail: "Internal server error" }), MAYBE],
  ["502 with a page of words", answer(502, "<p>invalid image, rate limit</p>"), MAYBE],
  ["503, Retry-After", answer(503, {}, { "retry-after": "9" }), { ...MAYBE, retryAfterMs: 9_000 }],
  ["a dropped connection", dropped, MAYBE],
  ["an unlisted 4xx", answer(418, {}), refused("invalid_request")],
  ["a redirect", answer(302, "", { location: "https://elsewhere.test/" }), { ...MAYBE, billed: "no" }],
  ["an unlisted 2xx", answer(204, ""), MAYBE],
  ["200 with a page", answer(200, "<h1>hello</h1>"), MAYBE],
  ["200 without a picture", answer(200, { images: [], download_urls: [] }), { ...MAYBE, code: "no_output" }],
];

describe("errors of the provider", () => {
  it.each(LINES)("%s", async (_, reply, expected) => {
    const result = await harness.enhance(reply, { profileIds: ["p1", "p2"] });
    expect(result).toMatchObject(expected);
    expect(harness.outputs).toEqual([]);
  });

  it("says what a 404 means when no profile was named", async () => {
    const result = await harness.enhance(answer(404, "<h1>Not found</h1>"));
    expect(result).toMatchObject(saying(refused("invalid_request"), "check the base URL"));
  });

  it("keeps the key and links out of its message", async () => {
    const detail =
      "Could not fetch image https://store.test/in.jpg?X-Amz-Signature=feedface with phota-test-key-0123456789";
    const result = await harness.enhance(answer(400, { detail }));
    expect(JSON.stringify(result)).not.toMatch(/feedface|phota-test-key/);
  });

  it("covers every kind of fault", () => {
    const kinds = new Set(LINES.map(([, , expected]) => ("kind" in expected ? expected.kind : "")));
    expect(kinds).toEqual(new Set(["blocked", "failed", "link_unreached", "refused", "throttled"]));
  });
});
