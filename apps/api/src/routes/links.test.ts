import { expect, test } from "vitest";
import { RESULT_METADATA } from "@darkroom/core";
import { json, testApi, type TestApi } from "../../test/test-api.ts";
import { openApiText } from "../write-openapi.ts";

const ROOT = "the-root-key-of-a-test";
const asRoot = { "x-api-key": ROOT };

/** The resources that a client's link opens. */
const OPEN = [
  "GET /v1/batches/{id}/gallery",
  "GET /v1/batches/{id}/portraits",
  "GET /v1/batches/{id}/portraits/{index}/picture",
  "GET /v1/batches/{id}/portraits/{index}/thumbnail",
  "GET /v1/batches/{id}/states",
  "GET /v1/session",
];
const OPEN_TO_REVIEWERS = ["POST /v1/batches/{id}/reviews"];

async function link(api: TestApi, batchId: string, wish: object = {}): Promise<{ id: string; key: string }> {
  const { status, body } = await api.call(`/v1/batches/${batchId}/links`, json({ name: "Acme", ...wish }, asRoot));
  expect([status, body["path"]]).toEqual([201, expect.stringMatching(/^\/link#dk_/)]);
  return { id: String(body["id"]), key: String(body["path"]).slice("/link#".length) };
}

/** Returns every operation under /v1 that needs a key. */
async function operations(): Promise<readonly { readonly method: string; readonly path: string }[]> {
  const { paths } = JSON.parse(await openApiText()) as { paths: Record<string, Record<string, unknown>> };
  return Object.entries(paths)
    .filter(([path]) => path.startsWith("/v1/"))
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })))
    .filter(({ method, path }) => path !== "/v1/session" || method === "GET");
}

test.each([true, false])("a link opens one batch and no other (review: %s)", async (review) => {
  await using api = await testApi({ apiKey: ROOT });
  const [own, other] = [await api.batch(2), await api.batch(2)];
  const { key } = await link(api, own.id, { review });
  const headers = { "x-api-key": key };
  const opened: string[] = [];
  for (const { method, path } of await operations()) {
    const url = (id: string): string => path.replace("{id}", id).replaceAll(/\{\w+\}/g, "0");
    const response = await fetch(api.url + url(own.id), { method, headers });
    await response.body?.cancel();
    const what = `${method} ${path}`;
    if (response.status === 403) continue;
    opened.push(what);
    if (path.includes("{id}")) {
      const foreign = await fetch(api.url + url(other.id), { method, headers });
      await foreign.body?.cancel();
      // A missing body or query is rejected first, with an error that reveals nothing about the batch.
      expect([what, [400, 404].includes(foreign.status)]).toEqual([what, true]);
    }
  }
  expect(opened.toSorted()).toEqual([...OPEN, ...(review ? OPEN_TO_REVIEWERS : [])].toSorted());
  for (const path of [
    "gallery",
    "states",
    "portraits",
    "portraits/0/picture?of=source",
    "portraits/0/thumbnail?of=source",
    "results.zip",
  ]) {
    const answer = await api.call(`/v1/batches/${other.id}/${path}`, { headers });
    expect([path, answer.status, answer.body["detail"]]).toEqual([
      path,
      404,
      expect.stringContaining("There is no such batch"),
    ]);
  }
});

test("a client sees no money, no locations, no error texts and no internal notes", async () => {
  await using api = await testApi({ apiKey: ROOT });
  const { id, destination } = await api.batch(3, { name: "Team" });
  const metadata = { [RESULT_METADATA.batch]: id, [RESULT_METADATA.sha256]: "0".repeat(64) };
  await api.stores.open(destination.url).put("p0.jpg", Buffer.from("0"), { metadata });
  await api.settle(id, 0, "ok", { costUsd: 0.123 });
  await api.settle(id, 1, "no_face", { message: "the model said: secret", billed: "yes", costUsd: 0.123 });
  const decided = json({ order: "reject", indexes: [0], note: "internal note" }, asRoot);
  expect((await api.call(`/v1/batches/${id}/reviews`, decided)).status).toBe(200);
  const { key } = await link(api, id);
  const seen = await Promise.all(
    ["gallery", "portraits"].map(async (path) =>
      JSON.stringify((await api.call(`/v1/batches/${id}/${path}`, { headers: { "x-api-key": key } })).body),
    ),
  );
  expect(seen.join("")).toContain('"rejected"');
  expect(seen.join("")).not.toMatch(/0\.123|secret|internal note|root|file:|s3:|blue|each-sense/);
  // Nor does a client find out by searching.
  const found = async (query: string) =>
    await api.call(`/v1/batches/${id}/portraits?${query}`, { headers: { "x-api-key": key } });
  expect((await found("q=p1")).body["portraits"]).toMatchObject([{ index: 1 }]);
  expect((await found("q=blue")).body["portraits"]).toEqual([]);
  for (const query of ["billed=yes", "round=0"]) expect((await found(query)).status).toBe(403);
});

test("a link is listed, expires, and stops at once when it is revoked", async () => {
  await using api = await testApi({ apiKey: ROOT });
  const [{ id }, other] = [await api.batch(1), await api.batch(1)];
  const first = await link(api, id, { name: "Acme", days: 3, downloads: true });
  const status = async (): Promise<number> =>
    (await api.call(`/v1/batches/${id}/gallery`, { headers: { "x-api-key": first.key } })).status;
  expect(await status()).toBe(200);
  const { body } = await api.call(`/v1/batches/${id}/links`, { headers: asRoot });
  expect(body["links"]).toMatchObject([
    { id: first.id, name: "Acme", batch: id, review: false, downloads: true, state: "active" },
  ]);
  expect(JSON.stringify(body)).not.toContain(first.key.slice(20));
  expect((await api.call("/v1/keys", { headers: asRoot })).body["keys"]).toEqual([]);
  const revoke = async (batchId: string) =>
    await api.call(`/v1/batches/${batchId}/links/${first.id}/revoke`, { method: "POST", headers: asRoot });
  expect((await revoke(other.id)).status).toBe(404);
  expect(await status()).toBe(200);
  expect((await revoke(id)).body).toMatchObject({ state: "revoked" });
  expect(await status()).toBe(401);
  for (const days of [0, 366, 1.5]) {
    const wish = json({ name: "x", days }, asRoot);
    expect((await api.call(`/v1/batches/${id}/links`, wish)).status).toBe(400);
  }
  expect(api.logged.join("")).not.toContain(first.key.slice(20));
});

test("a link has no more rights than its creator", async () => {
  await using api = await testApi({ apiKey: ROOT });
  const { id } = await api.batch(1);
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const issued = await api.call("/v1/keys", json({ name: "m", scopes: ["manage"], expiresAt }, asRoot));
  const headers = { "x-api-key": String(issued.body["key"]) };
  const make = async (wish: object) => await api.call(`/v1/batches/${id}/links`, json({ name: "x", ...wish }, headers));
  expect((await make({ review: true })).status).toBe(403);
  const { status, body } = await make({ days: 300 });
  expect([status, body["expiresAt"]]).toEqual([201, expiresAt]);
});

test("a link ends with the key that created it, but not when that key gets a new secret", async () => {
  await using api = await testApi({ apiKey: ROOT });
  const { id } = await api.batch(1);
  const { body: maker } = await api.call("/v1/keys", json({ name: "m", scopes: ["manage"] }, asRoot));
  const made = await api.call(`/v1/batches/${id}/links`, json({ name: "x" }, { "x-api-key": String(maker["key"]) }));
  const headers = { "x-api-key": String(made.body["path"]).slice("/link#".length) };
  const gallery = async () => await api.call(`/v1/batches/${id}/gallery`, { headers });
  const listed = async () => (await api.call(`/v1/batches/${id}/links`, { headers: asRoot })).body["links"];
  await api.call(`/v1/keys/${String(maker["id"])}/rotate`, json({}, asRoot));
  expect((await gallery()).status).toBe(200);
  expect(await listed()).toMatchObject([{ state: "active" }]);
  await api.call(`/v1/keys/${String(maker["id"])}/revoke`, { method: "POST", headers: asRoot });
  const { status, body } = await gallery();
  expect([status, body["detail"]]).toEqual([401, expect.stringContaining("Ask its sender for a new one")]);
  expect(await listed()).toMatchObject([{ state: "revoked" }]);
});

test("pictures are saved only by a link that allows it", async () => {
  await using api = await testApi({ apiKey: ROOT });
  const { id } = await api.batch(1);
  for (const [downloads, expected] of [
    [false, 403],
    [true, 404],
  ] as const) {
    const { key } = await link(api, id, { downloads });
    const headers = { "x-api-key": key };
    const zip = await fetch(`${api.url}/v1/batches/${id}/results.zip`, { headers });
    await zip.body?.cancel();
    expect([downloads, zip.status]).toEqual([downloads, downloads ? 200 : 403]);
    const path = `/v1/batches/${id}/portraits/0/picture?of=result&download=true`;
    expect([downloads, (await api.call(path, { headers: { "x-api-key": key } })).status]).toEqual([
      downloads,
      expected,
    ]);
  }
});
