import { request } from "undici";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { createEachSense } from "@darkroom/provider-each-sense";
import { TestClient } from "./test-client.ts";
import { drawPortrait } from "./test-photos.ts";
import { startTwin, type Twin } from "./twin.ts";
import type { TwinOptions } from "./twin-options.ts";

interface Presigned {
  readonly presigned_url: string;
  readonly public_url: string;
  readonly expires_at: string;
  readonly required_headers: Record<string, string>;
}

let jpeg: Buffer;
let twin: Twin;
let client: TestClient;

async function open(options: TwinOptions = {}): Promise<void> {
  twin = await startTwin({ latencyMs: 0, ...options });
  client = new TestClient(twin);
}

function ask(body: Record<string, unknown>, key = twin.apiKey) {
  return request(`${twin.url}/v1/upload/presign`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

const WISH = { content_type: "image/jpeg", file_type: "image", expires_in_seconds: 60 };

async function presigned(): Promise<Presigned> {
  const answer = await ask(WISH);
  expect(answer.statusCode).toBe(200);
  return (await answer.body.json()) as Presigned;
}

async function put(place: Presigned, headers: Record<string, string> = place.required_headers, bytes = jpeg) {
  const answer = await request(place.presigned_url, { method: "PUT", headers, body: bytes });
  return { status: answer.statusCode, text: await answer.body.text() };
}

beforeAll(async () => {
  jpeg = await drawPortrait().jpeg().toBuffer();
});
afterEach(async () => {
  await client.close();
  await twin.close();
});

describe("each::storage", () => {
  it("gives a location, accepts the bytes, and serves them at the public URL", async () => {
    await open();
    const place = await presigned();
    expect((await client.get(place.public_url)).status).toBe(404);
    expect(await put(place)).toMatchObject({ status: 200 });
    const { status, contentType, bytes } = await client.get(place.public_url);
    expect({ status, contentType }).toEqual({ status: 200, contentType: "image/jpeg" });
    expect(bytes.equals(jpeg)).toBe(true);
    expect(twin.stats().uploads).toBe(1);
  });

  it("accepts uploads of our own adapter, and the agent fetches them from there", async () => {
    await open();
    const provider = createEachSense({ apiKey: twin.apiKey, baseUrl: twin.url, storageUrl: twin.url });
    const { signal } = new AbortController();
    const put = await provider.upload?.({ contentType: "image/jpeg", bytes: jpeg, expiresInSeconds: 60 }, signal);
    if (put?.kind !== "uploaded") throw new Error(JSON.stringify(put));
    expect(put.expiresAt).toBeGreaterThan(Date.now());
    const request = { sessionId: "s", prompt: "Polish it.", mode: "eco", imageUrl: put.url } as const;
    const hooks = { onOutput: () => Promise.resolve(), onProgress: () => undefined };
    const answer = await provider.enhance(request, hooks, { deadlineMs: 20_000, idleMs: 20_000, signal });
    await provider.close();
    expect(answer).toMatchObject({ kind: "output" });
    expect(twin.ledger().bills).toMatchObject([{ portrait: expect.stringMatching(/^upload-[0-9a-f]{16}$/) }]);
  });

  it("names an uploaded portrait by its bytes, so that a second upload is the same portrait", async () => {
    await open();
    for (const session of ["one", "two"]) {
      const place = await presigned();
      await put(place);
      await client.chat({ message: "Polish it.", session_id: session, image_urls: [place.public_url] });
    }
    expect(twin.ledger().billed).toBe(2);
    expect(twin.ledger().doubleBilled).toMatchObject([{ by: "portrait", times: 2 }]);
  });

  it.each([
    ["no image", { ...WISH, content_type: "text/plain" }],
    ["another kind of file", { ...WISH, file_type: "video" }],
    ["too short a life", { ...WISH, expires_in_seconds: 59 }],
    ["too long a life", { ...WISH, expires_in_seconds: 365 * 86_400 + 1 }],
  ])("rejects a request for %s with 422 and the field", async (_, wish) => {
    await open();
    const answer = await ask(wish);
    expect(answer.statusCode).toBe(422);
    expect(await answer.body.json()).toMatchObject({ detail: [{ loc: ["body", expect.any(String)] }] });
  });

  it("rejects a wrong key with 401", async () => {
    await open();
    const answer = await ask(WISH, "wrong");
    expect(answer.statusCode).toBe(401);
    await answer.body.dump();
  });

  it("rejects bytes without the required headers, or with another signature", async () => {
    await open();
    const place = await presigned();
    const { "Content-Type": _, ...untyped } = place.required_headers;
    for (const headers of [untyped, { ...place.required_headers, "Content-Type": "image/png" }, {}]) {
      expect(await put(place, headers)).toMatchObject({ status: 403, text: expect.stringContaining("Signature") });
    }
    const forged = { ...place, presigned_url: place.presigned_url.replace(/signature=.{4}/, "signature=0000") };
    expect(await put(forged)).toMatchObject({ status: 403 });
    expect(twin.stats().uploads).toBe(0);
  });

  it("rejects bytes after fifteen minutes, and more bytes than a picture may have", async () => {
    // A quarter of an hour of provider time passes within a millisecond.
    await open({ clock: 1e9, maxImageBytes: 100 });
    const late = await presigned();
    await expect.poll(async () => (await put(late, late.required_headers)).text).toContain("AccessDenied");
    await twin.close();
    await client.close();
    await open({ maxImageBytes: 100 });
    expect(await put(await presigned())).toMatchObject({ status: 413, text: expect.stringContaining("TooLarge") });
  });

  it("serves a picture no longer than requested", async () => {
    // A minute of provider time is two seconds.
    await open({ clock: 30 });
    const place = await presigned();
    await put(place);
    expect((await client.get(place.public_url)).status).toBe(200);
    await expect.poll(async () => (await client.get(place.public_url)).status, { timeout: 20_000 }).toBe(404);
    expect(Date.parse(place.expires_at)).toBeLessThanOrEqual(Date.now());
  });
});
