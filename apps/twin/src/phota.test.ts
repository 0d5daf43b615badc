import { readFile } from "node:fs/promises";
import sharp from "sharp";
import { request } from "undici";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { FAULTS, type FaultKind } from "./fault.ts";
import { PHOTA_FAULTS } from "./phota-faults.ts";
import { drawPortrait, meanDifference, PhotoServer } from "./test-photos.ts";
import { startTwin, type Twin } from "./twin.ts";
import type { TwinOptions } from "./twin-options.ts";

interface Answer {
  readonly images: readonly string[];
  readonly download_urls: readonly string[];
  readonly known_subjects: { readonly counts: Readonly<Record<string, number>> } | null;
}

let photos: PhotoServer;
let jpeg: Buffer;
let image: string;
const opened: Twin[] = [];

async function open(options: TwinOptions = {}): Promise<Twin> {
  const twin = await startTwin({ latencyMs: 0, work: "light", profiles: ["anna", "ben"], ...options });
  opened.push(twin);
  return twin;
}

function ask(twin: Twin, path: string, body?: unknown, options: { key?: string; signal?: AbortSignal } = {}) {
  return request(`${twin.url}/v1/phota/${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { "X-API-Key": options.key ?? twin.apiKey, "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}

async function enhance(twin: Twin, body: Readonly<Record<string, unknown>>): Promise<Answer> {
  const answer = await ask(twin, "enhance", { image, ...body });
  expect(answer.statusCode).toBe(200);
  return (await answer.body.json()) as Answer;
}

async function fetched(url: string): Promise<{ readonly status: number; readonly bytes: Buffer }> {
  const answer = await request(url);
  return { status: answer.statusCode, bytes: Buffer.from(await answer.body.arrayBuffer()) };
}

beforeAll(async () => {
  photos = await new PhotoServer().start();
  jpeg = await drawPortrait().jpeg().toBuffer();
  image = photos.put("/team/anna.jpg", jpeg);
});
afterEach(async () => {
  for (const twin of opened.splice(0)) await twin.close();
});
afterAll(() => photos.close());

describe("an enhancement", () => {
  it("returns base64 of a JPEG by default, like the provider", async () => {
    const twin = await open({ work: "full" });
    const { images, download_urls, known_subjects } = await enhance(twin, { pro_mode: true });
    expect({ download_urls, known_subjects }).toEqual({ download_urls: [], known_subjects: null });
    const picture = Buffer.from(images[0] ?? "", "base64");
    expect(await sharp(picture).metadata()).toMatchObject({ format: "jpeg", width: 240, height: 320 });
    expect(await meanDifference(jpeg, picture)).toBeGreaterThan(2);
    expect(twin.ledger()).toMatchObject({ billed: 1, bills: [{ portrait: "team/anna.jpg", pictures: 1 }] });
    await vi.waitFor(() => expect(twin.ledger().delivered).toBe(1));
  });

  it("makes the requested number of different pictures, and takes as many turns of the balance", async () => {
    const twin = await open({ balance: 5 });
    const { download_urls: urls } = await enhance(twin, {
      num_output_images: 4,
      response_mode: "urls",
      output_format: "png",
    });
    expect(urls).toHaveLength(4);
    const pictures = await Promise.all(urls.map(async (url) => (await fetched(url)).bytes));
    expect(new Set(pictures.map((bytes) => bytes.toString("hex"))).size).toBe(4);
    for (const bytes of pictures) expect((await sharp(bytes).metadata()).format).toBe("png");
    expect(twin.stats().turnsLeft).toBe(1);
    expect((await ask(twin, "enhance", { image, num_output_images: 2 })).statusCode).toBe(402);
    expect(twin.stats().turnsLeft).toBe(1);
  });

  it("accepts the picture as raw base64, too, and resizes what is larger than 4096", async () => {
    const twin = await open();
    const large = await drawPortrait(5_000, 500).jpeg().toBuffer();
    const { images } = await enhance(twin, { image: large.toString("base64") });
    expect(await sharp(Buffer.from(images[0] ?? "", "base64")).metadata()).toMatchObject({ width: 4_096 });
    expect(twin.ledger().bills[0]?.portrait).toMatch(/^bytes\/[0-9a-f]{16}$/);
  });

  it("accepts HEIC", async () => {
    const twin = await open();
    const heic = await readFile(new URL("../../../examples/photos/astronaut-512.heic", import.meta.url));
    const { images } = await enhance(twin, { image: photos.put("/team/eileen.heic", heic) });
    const { format, width, height } = await sharp(Buffer.from(images[0] ?? "", "base64")).metadata();
    expect({ format, width, height }).toEqual({ format: "jpeg", width: 512, height: 512 });
  });

  it("reports how often each profile was recognised, over all pictures", async () => {
    const twin = await open({ faults: [{ match: { call: 2 }, fault: "unrecognised" }] });
    const body = { profile_ids: ["anna", "ben"], num_output_images: 2 };
    expect((await enhance(twin, body)).known_subjects).toEqual({ counts: { anna: 2, ben: 2 } });
    expect((await enhance(twin, body)).known_subjects).toEqual({ counts: {} });
  });

  it("treats one of its own results as the same portrait", async () => {
    const twin = await open();
    const { download_urls: urls } = await enhance(twin, { response_mode: "urls" });
    await enhance(twin, { image: urls[0], prompt: "warmer" });
    expect(twin.ledger().bills.map(({ portrait }) => portrait)).toEqual(["team/anna.jpg", "team/anna.jpg"]);
  });
});

describe("a signed link", () => {
  it("must match exactly", async () => {
    const twin = await open();
    const [url = ""] = (await enhance(twin, { response_mode: "urls" })).download_urls;
    expect((await fetched(url)).status).toBe(200);
    const { status } = await fetched(
      url.replace(/signature=./, (start) => (start.endsWith("A") ? "signature=B" : "signature=A")),
    );
    expect(status).toBe(403);
    expect((await fetched(url.replace(/\?.*/, ""))).status).toBe(403);
  });

  it("expires after a day of provider time", async () => {
    // A day passes in 300 ms.
    const twin = await open({ clock: (24 * 60 * 60_000) / 300 });
    const [url = ""] = (await enhance(twin, { response_mode: "urls" })).download_urls;
    expect((await fetched(url)).status).toBe(200);
    await vi.waitFor(async () => expect((await fetched(url)).status).toBe(403), { timeout: 5_000 });
  });
});

describe("a request that is rejected", () => {
  it.each([
    [401, { image: "x" }, { key: "wrong" }],
    [422, {}, {}],
    [422, { image: "AAAA", num_output_images: 5 }, {}],
    [422, { image: "AAAA", output_format: "webp" }, {}],
    [422, { image: "AAAA", response_mode: "both" }, {}],
    [400, { image: "no base64!" }, {}],
    [400, { image: "AAAA" }, {}],
    [400, { image: "http://127.0.0.1:9/gone.jpg" }, {}],
  ])("is answered HTTP %i and not billed: %j", async (status, body, options) => {
    const twin = await open();
    const answer = await ask(twin, "enhance", body, options);
    expect(answer.statusCode).toBe(status);
    expect(await answer.body.json()).toHaveProperty("detail");
    expect(twin.ledger().billed).toBe(0);
  });

  it("names the unknown profile", async () => {
    const answer = await ask(await open(), "enhance", { image, profile_ids: ["anna", "nobody"] });
    expect(answer.statusCode).toBe(404);
    expect(await answer.body.json()).toEqual({ detail: "Profile not found: nobody" });
  });

  it("waits for the plan's next minute", async () => {
    const twin = await open({ plan: { requestsPerMinute: 1 } });
    await enhance(twin, {});
    const answer = await ask(twin, "enhance", { image });
    expect(answer).toMatchObject({ statusCode: 429, headers: { "retry-after": expect.stringMatching(/^\d+$/) } });
  });
});

describe("profiles", () => {
  it("are trained until they are ready, and cannot be used before", async () => {
    const twin = await open({ clock: 1_000 });
    const added = await ask(twin, "profiles/add", { image_urls: [image, image] });
    const { profile_id: id } = (await added.body.json()) as { profile_id: string };
    const early = await ask(twin, "enhance", { image, profile_ids: [id] });
    expect(early.statusCode).toBe(400);
    const status = async () => (await ask(twin, `profiles/${id}/status`)).body.json();
    await vi.waitFor(async () => expect(await status()).toEqual({ profile_id: id, status: "READY" }), {
      timeout: 5_000,
    });
    expect((await enhance(twin, { profile_ids: [id] })).known_subjects).toEqual({ counts: { [id]: 1 } });
  });

  it("end in an error when one of their pictures is invalid", async () => {
    const twin = await open();
    const added = await ask(twin, "profiles/add", { image_urls: [image, "http://127.0.0.1:9/x.jpg"] });
    const { profile_id: id } = (await added.body.json()) as { profile_id: string };
    await vi.waitFor(async () => {
      const body = await (await ask(twin, `profiles/${id}/status`)).body.json();
      expect(body).toMatchObject({ status: "ERROR", message: expect.stringContaining("image") });
    });
  });

  it("that do not exist are reported to clients with a key", async () => {
    const twin = await open();
    expect((await ask(twin, "profiles/nobody/status")).statusCode).toBe(404);
    expect((await ask(twin, "profiles/nobody/status", undefined, { key: "wrong" })).statusCode).toBe(401);
  });
});

describe("every kind of fault", () => {
  it.each(Object.keys(FAULTS) as FaultKind[])("%s is billed as the table says", async (kind) => {
    const twin = await open({ faults: [{ match: { call: 1 }, fault: kind }] });
    const signal = AbortSignal.timeout(400);
    await Promise.allSettled([ask(twin, "enhance", { image }, { signal }).then((answer) => answer.body.text())]);
    await vi.waitFor(() => expect(twin.ledger().calls["team/anna.jpg"]?.[0]?.ending).not.toBe("running"));
    await vi.waitFor(() => expect(twin.stats().running).toBe(0));
    expect(twin.ledger().billed).toBe(PHOTA_FAULTS[kind].billed ? 1 : 0);
    expect(twin.ledger().calls["team/anna.jpg"]).toMatchObject([{ call: 1, fault: kind }]);
  });

  it("is documented in docs/twin.md", async () => {
    const page = await readFile(new URL("../../../docs/twin.md", import.meta.url), "utf8");
    const rows = [...page.matchAll(/^\| `(\w+)` \| .+ \| (yes|no) \|$/gm)].map(([, kind, billed]) => [
      kind,
      billed === "yes",
    ]);
    const table = Object.entries(PHOTA_FAULTS).map(([kind, { billed }]) => [kind, billed]);
    expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(table));
  });

  it.each(["split_utf8", "crlf"] as const)("%s changes the answer's form but not its content", async (fault) => {
    const twin = await open({ faults: [{ match: { call: 1 }, fault }] });
    const { images } = await enhance(twin, {});
    expect((await sharp(Buffer.from(images[0] ?? "", "base64")).metadata()).format).toBe("jpeg");
  });
});
