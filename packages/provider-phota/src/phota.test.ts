import { Readable } from "node:stream";
import { isDarkroomError } from "@darkroom/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { answer, bytes, CUT, dropped, FaultServer, HANG, silent, stream } from "@darkroom/provider-kit/fault-server";
import { API_KEY, Harness, REQUEST } from "../test/harness.ts";
import { createPhota } from "./index.ts";

const URLS = ["https://cdn.test/a.jpg?sig=1", "https://cdn.test/b.jpg?sig=2"];
const signal = new AbortController().signal;

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start();
});
afterEach(async () => await harness.close());

const sentBody = (): unknown => JSON.parse(harness.server.requests.at(-1)?.body ?? "");

describe("the request", () => {
  it("contains every field, and always the format", async () => {
    await harness.enhance(answer(200, { images: [], download_urls: URLS, known_subjects: null }), {
      profileIds: ["p1", "p2"],
      variations: 3,
      outputFormat: "png",
    });
    const [seen] = harness.server.requests;
    expect(seen).toMatchObject({ line: "POST /v1/phota/enhance", headers: { "x-api-key": API_KEY } });
    expect(sentBody()).toEqual({
      image: REQUEST.imageUrl,
      prompt: REQUEST.prompt,
      profile_ids: ["p1", "p2"],
      num_output_images: 3,
      output_format: "png",
      response_mode: "urls",
    });
  });

  it("asks for one JPEG as links by default", async () => {
    await harness.enhance(answer(200, { download_urls: URLS }));
    expect(sentBody()).toEqual({
      image: REQUEST.imageUrl,
      prompt: REQUEST.prompt,
      num_output_images: 1,
      output_format: "jpg",
      response_mode: "urls",
    });
  });

  it("carries the picture as raw base64 if there is no link", async () => {
    const picture = Buffer.from("not a picture, but bytes");
    const imageBytes = { sizeBytes: picture.length, open: async () => Readable.from([picture]) };
    await harness.enhance(answer(200, { download_urls: URLS }), { imageBytes });
    expect(sentBody()).toMatchObject({ image: picture.toString("base64"), output_format: "jpg" });
  });

  it("is not sent without a picture", async () => {
    const { imageUrl: _, ...request } = REQUEST;
    const hooks = { onOutput: () => Promise.resolve(), onProgress: () => undefined };
    const limits = { deadlineMs: 1_000, idleMs: 1_000, signal };
    expect(await harness.provider.enhance(request, hooks, limits)).toMatchObject({ kind: "refused", billed: "no" });
    expect(harness.server.requests).toEqual([]);
  });
});

describe("links", () => {
  it("are reported before the answer, all of them, with the recognised profiles", async () => {
    const known_subjects = { counts: { p1: 2, p2: "1", p3: "many" } };
    const result = await harness.enhance(answer(200, { images: [], download_urls: URLS, known_subjects }));
    const detail = { variations: [URLS[1]], knownSubjects: { p1: 2, p2: 1 } };
    expect(result).toMatchObject({ kind: "output", url: URLS[0], ...detail });
    expect(harness.outputs).toEqual([{ url: URLS[0], detail: expect.objectContaining(detail) }]);
  });

  it("are answered only after the receipt is written", async () => {
    let written = false;
    harness.onOutput = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      written = true;
    };
    await harness.enhance(answer(200, { download_urls: URLS }));
    expect(written).toBe(true);
  });

  it("reject with the receipt writer's error", async () => {
    harness.onOutput = () => Promise.reject(new Error("no receipt"));
    await expect(harness.enhance(answer(200, { download_urls: URLS }))).rejects.toThrow("no receipt");
  });

  it("count although the connection breaks after the answer's last byte", async () => {
    const text = JSON.stringify({ download_urls: URLS });
    const result = await harness.enhance(stream(bytes(text), CUT));
    expect(result).toMatchObject({ kind: "output", url: URLS[0] });
  });
});

describe("pictures within the answer", () => {
  it("are decoded, in order", async () => {
    const own = await Harness.start({ responseMode: "bytes" });
    const pictures = [Buffer.from("first picture"), Buffer.from("second")];
    const images = pictures.map((picture) => picture.toString("base64"));
    const body = { known_subjects: { counts: { p1: 2 } }, download_urls: [], images };
    const result = await own.enhance(answer(200, body));
    expect(JSON.parse(own.server.requests[0]?.body ?? "")).toMatchObject({ response_mode: "bytes" });
    expect(result).toMatchObject({ kind: "pictures", knownSubjects: { p1: 2 } });
    expect(result.kind === "pictures" && result.pictures.map((picture) => Buffer.from(picture))).toEqual(pictures);
    expect(own.outputs).toEqual([]);
    await own.close();
  });
});

describe("a call without an answer", () => {
  const half = bytes('{"images": ["AAAA');

  it.each([
    ["may have been paid when it was cut", stream(half, CUT), {}, { code: "provider_error", billed: "maybe" }],
    [
      "may have been paid when it falls silent",
      stream(half, HANG),
      { idleMs: 50 },
      { code: "timeout", billed: "maybe" },
    ],
    ["may have been paid at its deadline", silent, { deadlineMs: 50 }, { code: "timeout", billed: "maybe" }],
    ["may have been paid when it was dropped", dropped, {}, { code: "provider_error", billed: "maybe" }],
  ])("%s", async (_, reply, limits, expected) => {
    const result = await harness.enhance(reply, {}, limits);
    expect(result).toMatchObject({ kind: "failed", sent: true, ...expected });
    expect(harness.server.requests).toHaveLength(1);
  });

  it("costs nothing when no server was reached", async () => {
    const gone = await FaultServer.start();
    const provider = createPhota({ apiKey: API_KEY, baseUrl: gone.url });
    await gone.close();
    const hooks = { onOutput: () => Promise.resolve(), onProgress: () => undefined };
    const result = await provider.enhance(REQUEST, hooks, { deadlineMs: 5_000, idleMs: 5_000, signal });
    expect(result).toMatchObject({ kind: "failed", sent: false, billed: "no" });
    await provider.close();
  });

  it("costs nothing when its picture could not be read", async () => {
    const imageBytes = { sizeBytes: 9, open: () => Promise.reject(new Error("gone")) };
    const result = await harness.enhance(silent, { imageBytes });
    expect(result).toMatchObject({
      kind: "failed",
      sent: false,
      billed: "no",
      message: expect.stringContaining("picture"),
    });
  });

  it("is aborted by its caller", async () => {
    const controller = new AbortController();
    const waiting = harness.enhance(() => controller.abort(), {}, { signal: controller.signal });
    expect(await waiting).toMatchObject({ kind: "aborted", sent: true });
  });
});

describe("health", () => {
  it.each([
    ["a profile that nobody has", answer(404, { detail: "Profile not found" }), true],
    ["a wrong key", answer(401, { detail: "Invalid API key" }), false],
    ["somebody else's 404", answer(404, "<h1>Not found</h1>"), false],
    ["trouble", answer(500, {}), false],
    ["nobody", dropped, false],
  ])("reads %s", async (_, reply, ok) => {
    harness.server.plan(reply);
    expect(await harness.provider.health(signal)).toMatchObject({ ok });
    expect(harness.server.requests.at(-1)?.line).toMatch(/^GET \/v1\/phota\/profiles\/[\w-]+\/status$/);
  });
});

it("returns its response mode", () => {
  const options = { apiKey: "k", baseUrl: harness.server.url };
  expect(createPhota(options).answersWith).toBe("links");
  expect(createPhota({ ...options, responseMode: "bytes" }).answersWith).toBe("pictures");
});

it("has no memory, and nothing to delete", async () => {
  expect(harness.provider.remembers).toBe(false);
  const request = { sessionId: "s", prompt: "p", exchangesBefore: 0 };
  expect(await harness.provider.recall(request, signal)).toEqual({ kind: "unknown" });
  expect(await harness.provider.forget("s", signal)).toBe(true);
});

it.each([
  { baseUrl: "ftp://phota.test" },
  { baseUrl: "https://user:pass@phota.test" },
  { apiKey: "" },
  { apiKey: "with space" },
])("rejects %j", (wrong) => {
  expect(() => createPhota({ apiKey: API_KEY, ...wrong })).toThrow(
    expect.toSatisfy((error: unknown) => isDarkroomError(error, "invalid_settings")),
  );
});
