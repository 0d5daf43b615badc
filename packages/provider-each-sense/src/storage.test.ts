import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { answer, dropped, FaultServer, type Reply } from "@darkroom/provider-kit/fault-server";
import type { UploadAnswer } from "@darkroom/provider-kit";
import { API_KEY, Harness, NOW_MS } from "../test/harness.ts";
import { createEachSense } from "./index.ts";

const BYTES = Buffer.from([0xff, 0xd8, 0xff, 0x00, 0x80]);
const PUBLIC = "https://public.storage.test/anna.jpg?sig=feedface";

let harness: Harness;

beforeEach(async () => {
  harness = await Harness.start();
});
afterEach(async () => await harness.close());

function place(over: Record<string, unknown> = {}): Reply {
  return answer(200, {
    id: "u1",
    presigned_url: `${harness.server.url}/put/u1?X-Amz-Signature=cafe`,
    public_url: PUBLIC,
    expires_at: new Date(NOW_MS + 600_000).toISOString(),
    required_headers: { "Content-Type": "image/jpeg", "x-amz-acl": "public-read" },
    ...over,
  });
}

async function upload(...replies: readonly Reply[]): Promise<UploadAnswer> {
  harness.server.plan(...replies);
  const provider = createEachSense({ apiKey: API_KEY, storageUrl: harness.server.url, nowMs: () => NOW_MS });
  try {
    const wish = { contentType: "image/jpeg", bytes: BYTES, expiresInSeconds: 600 };
    const said = await provider.upload?.(wish, new AbortController().signal);
    if (said === undefined) throw new Error("each::sense has a storage of its own");
    return said;
  } finally {
    await provider.close();
  }
}

describe("an upload", () => {
  it("requests a location and puts the bytes there with the given headers, without the key", async () => {
    expect(await upload(place(), answer(200, {}))).toEqual({
      kind: "uploaded",
      url: PUBLIC,
      expiresAt: NOW_MS + 600_000,
    });
    const [asked, put] = harness.server.requests;
    expect(asked?.line).toBe("POST /v1/upload/presign");
    expect(asked?.headers.authorization).toBe(`Bearer ${API_KEY}`);
    expect(JSON.parse(asked?.body ?? "")).toEqual({
      content_type: "image/jpeg",
      file_type: "image",
      expires_in_seconds: 600,
    });
    expect(put?.line).toBe("PUT /put/u1?X-Amz-Signature=cafe");
    expect(put?.headers).toMatchObject({ "content-type": "image/jpeg", "x-amz-acl": "public-read" });
    expect(put?.headers["content-length"]).toBe(String(BYTES.length));
    expect(JSON.stringify(put?.headers)).not.toContain(API_KEY);
  });

  it("sets the content type itself if the headers do not", async () => {
    await upload(place({ required_headers: {} }), answer(200, {}));
    expect(harness.server.requests[1]?.headers["content-type"]).toBe("image/jpeg");
  });

  it.each([
    [1, 60],
    [59.2, 60],
    [61.4, 62],
    [10 ** 9, 365 * 86_400],
  ])("requested for %d s lives for %d s", async (wished, asked) => {
    harness.server.plan(answer(500, {}));
    const provider = createEachSense({ apiKey: API_KEY, storageUrl: `${harness.server.url}/base/` });
    const wish = { contentType: "image/png", bytes: BYTES, expiresInSeconds: wished };
    await provider.upload?.(wish, new AbortController().signal);
    await provider.close();
    expect(harness.server.requests[0]?.line).toBe("POST /base/v1/upload/presign");
    expect(JSON.parse(harness.server.requests[0]?.body ?? "")).toMatchObject({ expires_in_seconds: asked });
  });

  it("is assumed to live no longer than requested", async () => {
    const far = new Date(NOW_MS + 10 ** 10).toISOString();
    expect(await upload(place({ expires_at: far }), answer(200, {}))).toMatchObject({ expiresAt: NOW_MS + 600_000 });
    expect(await upload(place({ expires_at: null }), answer(200, {}))).toMatchObject({ expiresAt: NOW_MS + 600_000 });
  });
});

describe("an upload that fails", () => {
  it.each([
    ["a wrong key", [answer(401, { detail: "Invalid API key" })], { kind: "blocked", reason: "auth" }],
    ["no balance", [answer(402, { detail: "Insufficient balance" })], { kind: "blocked", reason: "balance" }],
    ["a limit", [answer(429, {}, { "retry-after": "7" })], { kind: "throttled", retryAfterMs: 7_000 }],
    ["a malformed wish", [answer(422, { detail: [{ msg: "no" }] })], { kind: "refused", code: "invalid_request" }],
    ["trouble of its own", [answer(503, {}, { "retry-after": "4" })], { kind: "failed", retryAfterMs: 4_000 }],
    ["a dropped connection", [dropped], { kind: "failed" }],
  ] as const)("for %s is reported when it requests a location", async (_, replies, expected) => {
    expect(await upload(...replies)).toMatchObject(expected);
    expect(harness.server.requests).toHaveLength(1);
  });

  it.each([
    ["a page in place of an answer", "<html>"],
    ["a place that is no address", { presigned_url: "ftp://x/y", public_url: PUBLIC }],
    ["no public URL", { presigned_url: "https://x/y" }],
  ])("for %s puts nothing", async (_, body) => {
    expect(await upload(answer(200, body))).toMatchObject({ kind: "failed" });
    expect(harness.server.requests).toHaveLength(1);
  });

  it.each([
    [
      "an expired signature",
      answer(403, "<Error><Code>AccessDenied</Code></Error>"),
      { kind: "failed", ofPicture: true },
    ],
    ["too many bytes", answer(413, ""), { kind: "refused", code: "too_large" }],
    ["a slow-down", answer(503, "", { "retry-after": "3" }), { kind: "failed", retryAfterMs: 3_000 }],
    ["a dropped connection", dropped, { kind: "failed", ofPicture: true }],
  ] as const)("for %s is reported when it puts, and shows neither key nor address", async (_, reply, expected) => {
    const said = await upload(place(), reply);
    expect(said).toMatchObject(expected);
    expect(JSON.stringify(said)).not.toMatch(/https?:|cafe|feedface/);
    expect(JSON.stringify(said)).not.toContain(API_KEY);
  });

  it("without a connection reports the cause, for the request and for the bytes", async () => {
    const gone = await FaultServer.start();
    const { url } = gone;
    await gone.close();
    const message = "no connection to each::storage (ECONNREFUSED: it refused the connection)";
    const expected = { kind: "failed", unreached: true, message };
    const provider = createEachSense({ apiKey: API_KEY, storageUrl: url });
    const wish = { contentType: "image/png", bytes: BYTES, expiresInSeconds: 60 };
    expect(await provider.upload?.(wish, new AbortController().signal)).toEqual(expected);
    await provider.close();
    expect(await upload(place({ presigned_url: `${url}/put/u1?X-Amz-Signature=cafe` }))).toEqual(expected);
  });

  it("for a caller that has disconnected requests nothing", async () => {
    const provider = createEachSense({ apiKey: API_KEY, storageUrl: harness.server.url });
    const wish = { contentType: "image/png", bytes: BYTES, expiresInSeconds: 60 };
    expect(await provider.upload?.(wish, AbortSignal.abort())).toMatchObject({ kind: "failed" });
    expect(harness.server.requests).toHaveLength(0);
    await provider.close();
  });

  it("is rejected at the start if its base URL is invalid", () => {
    expect(() => createEachSense({ apiKey: API_KEY, storageUrl: "https://u:p@x/" })).toThrow(
      expect.objectContaining({ code: "invalid_settings", field: "storageUrl" }),
    );
  });
});
