import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { expect, test } from "vitest";
import { heic, portrait } from "@darkroom/imaging/test-pictures";
import { until } from "@darkroom/testkit";
import { json, testApi, type Answer, type TestApi } from "../../test/test-api.ts";
import { MAX_PHOTO_BYTES } from "../uploads/picture-body.ts";
import { sweepUploads } from "../uploads/sweep-uploads.ts";
import { UploadBook } from "../uploads/upload-book.ts";
import { UploadPlaces } from "../uploads/upload-places.ts";

const ROOT = "the-root-key-of-a-test";
const asRoot = { "x-api-key": ROOT };
const DAY_MS = 86_400_000;

type Headers = Readonly<Record<string, string>>;

async function begin(api: TestApi, headers: Headers = asRoot): Promise<{ id: string; source: string; out: string }> {
  const { status, body } = await api.call("/v1/uploads", { method: "POST", headers });
  expect(status).toBe(201);
  return { id: String(body["id"]), source: String(body["source"]), out: String(body["destination"]) };
}

async function put(api: TestApi, id: string, path: string, body: Buffer, headers: Headers = asRoot): Promise<Answer> {
  const query = new URLSearchParams({ path });
  return await api.call(`/v1/uploads/${id}/photos?${query.toString()}`, {
    method: "PUT",
    headers: { "content-type": "image/jpeg", ...headers },
    body: new Uint8Array(body),
  });
}

const photo = async (): Promise<Buffer> => await (await portrait()).jpeg().toBuffer();
const submission = (source: string, destination: string): object => ({
  source,
  destination,
  recipe: { preset: "skin-smoothing", mode: "eco" },
});
const files = async (api: TestApi): Promise<readonly string[]> =>
  (await readdir(api.folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);

test("photos become the source of a batch, and go with it", async () => {
  await using api = await testApi({ apiKey: ROOT });
  const { id, source, out } = await begin(api);
  const bytes = await photo();
  expect(await put(api, id, "Anna Müller.jpg", bytes)).toMatchObject({
    status: 201,
    body: { path: "Anna Müller.jpg", sizeBytes: bytes.length },
  });
  expect((await put(api, id, "Team/日本.heic", await heic())).status).toBe(201);
  const listed = await api.call(`/v1/uploads/${id}`, { headers: asRoot });
  expect(listed.body["photos"]).toMatchObject([{ path: "Anna Müller.jpg" }, { path: "Team/日本.heic" }]);
  const quote = await api.call("/v1/quotes", json(submission(source, out), asRoot));
  expect(quote.body).toMatchObject({ goodRows: 2, badRows: 0, refusal: null });
  const made = await api.call("/v1/batches", json(submission(source, out), asRoot));
  expect(made.status).toBe(201);
  const second = await api.call("/v1/batches", json(submission(source, out), asRoot));
  expect([second.status, second.body["detail"]]).toEqual([409, expect.stringContaining("already belong to the batch")]);
  expect((await put(api, id, "late.jpg", bytes)).status).toBe(409);
  expect((await api.call(`/v1/uploads/${id}`, { method: "DELETE", headers: asRoot })).status).toBe(409);
  const batchId = String(made.body["id"]);
  await api.end(batchId, "completed");
  expect((await api.call(`/v1/batches/${batchId}`, { method: "DELETE", headers: asRoot })).status).toBe(200);
  expect((await files(api)).filter((name) => /heic|jpg/.test(name))).toEqual([]);
  expect((await api.call(`/v1/uploads/${id}`, { headers: asRoot })).status).toBe(404);
  const unused = await begin(api);
  await put(api, unused.id, "Team/a.jpg", bytes);
  const scheduled = { cron: "0 2 * * *", timeZone: "UTC", submission: submission(unused.source, unused.out) };
  const refused = await api.call("/v1/schedules", json(scheduled, asRoot));
  expect([refused.status, refused.body["field"]]).toEqual([400, "submission.source"]);
  expect((await api.call(`/v1/uploads/${unused.id}`, { method: "DELETE", headers: asRoot })).status).toBe(204);
  const left = await readdir(join(api.folder, "uploads"), { recursive: true });
  expect(left.filter((name) => name.includes(unused.id) || name.includes("photos"))).toEqual([]);
});

test("hostile names and bodies are rejected with a reason and leave no files", async () => {
  await using api = await testApi({ apiKey: ROOT });
  const { id } = await begin(api);
  const bytes = await photo();
  const names = [
    "../a.jpg",
    "/etc/a.jpg",
    "a/../../b.jpg",
    "a\\b.jpg",
    "a\u0000.jpg",
    "_darkroom/a.jpg",
    ".a.jpg",
    "a//b.jpg",
  ];
  for (const name of [...names, `${"a".repeat(300)}.jpg`, "a.exe", "film.mov", "a.nef", "jpg"]) {
    const { status, body } = await put(api, id, name, bytes);
    expect([name, status]).toEqual([name, 400]);
    expect(String(body["detail"]).length).toBeGreaterThan(10);
  }
  for (const [what, body] of [
    ["empty", Buffer.alloc(0)],
    ["web page", Buffer.from("<html><script>alert(1)</script>")],
    ["text", Buffer.from("hello")],
    ["PDF", Buffer.from("%PDF-1.7 …")],
    ["zeros", Buffer.alloc(1_000_000)],
  ] as const) {
    const { status, body: problem } = await put(api, id, "a.jpg", body);
    expect([what, status, problem["detail"]]).toEqual([what, 400, expect.stringMatching(new RegExp(what))]);
  }
  expect((await put(api, "0".repeat(32), "a.jpg", bytes)).status).toBe(404);
  expect((await put(api, "..%2f..", "a.jpg", bytes)).status).toBe(404);
  expect(await files(api)).toEqual([]);
});

test("an interrupted or too large photo leaves no file", async () => {
  await using api = await testApi({ apiKey: ROOT });
  const { id } = await begin(api);
  const bytes = await photo();
  const send = (length: number) =>
    httpRequest(`${api.url}/v1/uploads/${id}/photos?path=a.jpg`, {
      method: "PUT",
      headers: { ...asRoot, "content-length": length, "content-type": "image/jpeg" },
    });
  const large = send(MAX_PHOTO_BYTES + 1);
  large.on("error", () => undefined);
  large.write(bytes);
  const [response] = (await once(large, "response")) as [{ statusCode: number }];
  expect(response.statusCode).toBe(400);
  large.destroy();
  const cut = send(10_000_000);
  const broken = once(cut, "error");
  cut.write(Buffer.concat([bytes, Buffer.alloc(2_000_000)]));
  await until(async () => (await files(api)).length > 0, { what: "the upload to begin" });
  cut.destroy(new Error("gone"));
  await broken;
  await until(async () => (await files(api)).length === 0, { what: "the remains to be cleared away" });
});

test("a stalled photo is rejected, and one that ends after its batch was submitted changes nothing", async () => {
  await using api = await testApi({ apiKey: ROOT });
  const { id, source, out } = await begin(api);
  const bytes = await photo();
  expect((await put(api, id, "a.jpg", bytes)).status).toBe(201);
  const send = (path: string) => {
    const sending = httpRequest(`${api.url}/v1/uploads/${id}/photos?path=${path}`, {
      method: "PUT",
      headers: { ...asRoot, "content-length": bytes.length + 8_192, "content-type": "image/jpeg" },
    });
    sending.write(bytes);
    return { sending, answered: once(sending, "response") as Promise<[{ statusCode: number }]> };
  };
  const silent = send("b.jpg");
  expect((await silent.answered)[0].statusCode).toBe(400);
  silent.sending.destroy();
  const late = send("a.jpg");
  await until(async () => (await files(api)).length > 1, { what: "the upload to begin" });
  expect((await api.call("/v1/batches", json(submission(source, out), asRoot))).status).toBe(201);
  late.sending.end(Buffer.alloc(8_192));
  expect((await late.answered)[0].statusCode).toBe(409);
  const { body } = await api.call(`/v1/uploads/${id}`, { headers: asRoot });
  expect(body["photos"]).toEqual([{ path: "a.jpg", sizeBytes: bytes.length }]);
});

test("a key uploads only into its tenant's prefix and within its limits", async () => {
  await using api = await testApi({ apiKey: ROOT });
  const issue = async (more: object): Promise<Headers> => {
    const { status, body } = await api.call("/v1/keys", json({ name: "studio", ...more }, asRoot));
    expect(status).toBe(201);
    return { "x-api-key": String(body["key"]) };
  };
  const any = { sources: "any", destinations: "any" };
  const acme = await issue({ tenant: "acme", scopes: ["submit"], limits: any });
  const other = await issue({ tenant: "other", scopes: ["submit"], limits: any });
  const reader = await issue({ tenant: "acme", scopes: ["read"], limits: any });
  const elsewhere = await issue({
    tenant: "acme",
    scopes: ["submit"],
    limits: { sources: [api.folderUrl("in")], destinations: [api.folderUrl("out")] },
  });
  const { id, source, out } = await begin(api, acme);
  expect(source).toContain("/uploads/acme/");
  expect((await put(api, id, "a.jpg", await photo(), acme)).status).toBe(201);
  for (const headers of [other, asRoot]) {
    expect((await put(api, id, "b.jpg", await photo(), headers)).status).toBe(404);
    expect((await api.call(`/v1/uploads/${id}`, { headers })).status).toBe(404);
    expect((await api.call("/v1/batches", json(submission(source, out), headers))).status).toBe(404);
  }
  expect((await api.call("/v1/uploads", { method: "POST", headers: reader })).status).toBe(403);
  const refused = await api.call("/v1/uploads", { method: "POST", headers: elsewhere });
  expect([refused.status, refused.body["detail"]]).toEqual([403, expect.stringContaining("/uploads/acme/")]);
  const all = await api.call("/v1/batches", json(submission(api.folderUrl("uploads/acme"), out), other));
  expect(all.status).toBe(404);
  for (const [path, place, status] of [
    ["batches", "", 403],
    ["quotes", "", 403],
    ["quotes", "uploads/", 404],
    ["quotes", `uploads/acme/${id}/photos/`, 404],
  ] as const) {
    const answer = await api.call(`/v1/${path}`, json(submission(api.folderUrl(place), out), other));
    expect([path, place, answer.status]).toEqual([path, place, status]);
  }
  const schedule = { id: "n", cron: "0 2 * * *", submission: submission(api.folderUrl(""), out) };
  expect((await api.call("/v1/schedules", json(schedule, asRoot))).status).toBe(400);
});

test("deletes photos without a batch after their expiry, and keeps those of a batch", async () => {
  await using api = await testApi({ apiKey: ROOT });
  const kept = await begin(api);
  const left = await begin(api);
  await put(api, kept.id, "kept.jpg", await photo());
  await put(api, left.id, "left.jpg", await photo());
  expect((await api.call("/v1/batches", json(submission(kept.source, kept.out), asRoot))).status).toBe(201);
  const { namespace } = api.settings.redis;
  const uploads = new UploadBook(api.redis, namespace);
  const needs = {
    uploads,
    uploadPlaces: new UploadPlaces(api.stores.open, api.folderUrl("uploads")),
    ledger: api.ledger,
  };
  expect(await sweepUploads(needs)).toBe(0);
  const open = `${namespace}:{uploads}:open`;
  for (const name of await api.redis.zrange(open, 0, -1)) await api.redis.zincrby(open, -8 * DAY_MS, name);
  expect(await sweepUploads(needs)).toBe(1);
  expect((await files(api)).filter((name) => name.endsWith(".jpg"))).toEqual(["kept.jpg"]);
  expect((await put(api, left.id, "again.jpg", await photo())).status).toBe(404);
});
