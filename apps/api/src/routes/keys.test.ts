import { expect, test } from "vitest";
import { SCOPES, allowsScope, type Scope } from "@darkroom/access";
import { json, testApi, type Answer, type TestApi } from "../../test/test-api.ts";
import { isRecord } from "../../test/test-record.ts";
import { openApiText } from "../write-openapi.ts";

const ROOT = "the-root-key-of-a-test";
const asRoot = { authorization: `Bearer ${ROOT}` };

/** Creates a key with the root key. */
async function issue(api: TestApi, body: object): Promise<{ readonly id: string; readonly key: string }> {
  const { status, body: made } = await api.call("/v1/keys", json({ name: "a program", ...body }, asRoot));
  expect(status).toBe(201);
  return { id: String(made["id"]), key: String(made["key"]) };
}

const as = (key: string) => ({ "x-api-key": key });
const presets = async (api: TestApi, key: string): Promise<Answer> =>
  await api.call("/v1/presets", { headers: as(key) });

test("a key works from its creation to its revocation, and shows its last use", async () => {
  await using api = await testApi({ apiKey: ROOT });
  const { id, key } = await issue(api, { name: "Night job", scopes: ["read"] });
  expect((await api.call(`/v1/keys/${id}`, { headers: asRoot })).body).toMatchObject({
    id,
    name: "Night job",
    tenant: "default",
    scopes: ["read"],
    state: "active",
    createdBy: "root",
    lastUsedAt: null,
  });
  expect((await presets(api, key)).status).toBe(200);
  expect((await api.call(`/v1/keys/${id}`, { headers: asRoot })).body).toMatchObject({
    lastUsedAt: expect.stringMatching(/^20/),
    lastUsedFrom: "127.0.0.1",
  });
  const revoked = await api.call(`/v1/keys/${id}/revoke`, { method: "POST", headers: asRoot });
  expect(revoked.body).toMatchObject({ id, state: "revoked", revokedAt: expect.any(String) });
  expect(await presets(api, key)).toMatchObject({
    status: 401,
    body: { code: "unauthorized", detail: expect.stringContaining(`The API key ${id} was revoked at`) },
  });
  const rotated = await api.call(`/v1/keys/${id}/rotate`, { method: "POST", headers: asRoot });
  expect(rotated).toMatchObject({ status: 409, body: { code: "conflict" } });
});

test("a rotated key has two secrets within its grace, and one without", async () => {
  await using api = await testApi({ apiKey: ROOT });
  const { id, key } = await issue(api, { scopes: ["read"] });
  const rotate = async (body: object): Promise<string> => {
    const { status, body: made } = await api.call(`/v1/keys/${id}/rotate`, json(body, asRoot));
    expect([status, made["id"]]).toEqual([200, id]);
    return String(made["key"]);
  };
  const second = await rotate({ graceSeconds: 86_400 });
  expect((await api.call(`/v1/keys/${id}`, { headers: asRoot })).body["formerUntil"]).toEqual(expect.any(String));
  expect([(await presets(api, key)).status, (await presets(api, second)).status]).toEqual([200, 200]);
  const third = await rotate({ graceSeconds: 0 });
  const statuses = [key, second, third].map(async (text) => (await presets(api, text)).status);
  expect(await Promise.all(statuses)).toEqual([401, 401, 200]);
});

test("a key expires", async () => {
  await using api = await testApi({ apiKey: ROOT });
  const { key } = await issue(api, { scopes: ["read"], expiresAt: new Date(Date.now() + 86_400_000).toISOString() });
  expect((await presets(api, key)).status).toBe(200);
  const past = { name: "late", scopes: ["read"], expiresAt: "2026-01-01T00:00:00Z" };
  expect(await api.call("/v1/keys", json(past, asRoot))).toMatchObject({ status: 400, body: { field: "expiresAt" } });
});

test("explains what is wrong with a key, and does not look up a misspelt one", async () => {
  await using api = await testApi({ apiKey: ROOT });
  const { id, key } = await issue(api, { scopes: ["read"] });
  const { key: other } = await issue(api, { scopes: ["read"] });
  const detail = async (shown: string) => {
    const { status, body } = await presets(api, shown);
    expect(status).toBe(401);
    return String(body["detail"]);
  };
  expect(await detail(key.slice(0, -1))).toContain("misspelt or cut");
  expect(await detail(other.replace(/^dk_[^_]+/, `dk_${id}`))).toContain("misspelt or cut");
  expect(await detail("something else")).toContain("The API key is wrong");
  await api.call(`/v1/keys/${id}/revoke`, { method: "POST", headers: asRoot });
  expect(await detail(key)).toContain("was revoked");
});

test("lists keys page by page, and answers 404 for an unknown id", async () => {
  await using api = await testApi({ apiKey: ROOT });
  const made = [];
  for (let n = 0; n < 3; n += 1) made.unshift((await issue(api, { name: `key ${n}`, scopes: ["read"] })).id);
  const first = await api.call("/v1/keys?limit=2", { headers: asRoot });
  expect(first.body).toMatchObject({ keys: made.slice(0, 2).map((id) => ({ id })), nextCursor: expect.any(String) });
  const rest = await api.call(`/v1/keys?limit=2&cursor=${String(first.body["nextCursor"])}`, { headers: asRoot });
  expect(rest.body).toMatchObject({ keys: [{ id: made[2] }], nextCursor: null });
  for (const [method, path] of [
    ["GET", "/v1/keys/abcdefghijkl"],
    ["POST", "/v1/keys/abcdefghijkl/rotate"],
    ["POST", "/v1/keys/none/revoke"],
  ] as const) {
    expect((await api.call(path, { method, headers: asRoot })).status).toBe(404);
  }
});

test("logs name a key by its id, and contain no secret", async () => {
  await using api = await testApi({ apiKey: ROOT });
  const { id, key } = await issue(api, { scopes: ["read"] });
  await api.call("/v1/batches", json({}, as(key)));
  await api.call("/v1/batches", json({}, { authorization: `Bearer ${key}` }));
  await presets(api, `${key.slice(0, -1)}_`);
  await api.call("/v1/batches/01none", { headers: as(key) });
  const lines = api.logged.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.filter((line) => line["key"] === id && line["status"] === 403).length).toBeGreaterThan(0);
  const text = api.logged.join("");
  expect(text).not.toContain(key.slice("dk_".length + id.length + 1, -8));
  expect(text).not.toContain(ROOT);
});

interface Operation {
  readonly method: string;
  readonly path: string;
  /** Any one of them allows the route. */
  readonly scopes: readonly Scope[];
}

/** Returns every operation that needs a key, with its documented scope. */
async function operations(): Promise<readonly Operation[]> {
  const { paths } = JSON.parse(await openApiText()) as { paths: Record<string, Record<string, unknown>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) => {
      const security = isRecord(operation) ? (operation["security"] as { bearer?: Scope[] }[] | undefined) : undefined;
      const scopes = security?.flatMap(({ bearer = [] }) => bearer) ?? [];
      return scopes.length === 0 ? [] : [{ method: method.toUpperCase(), path, scopes }];
    }),
  );
}

test("each route under /v1 allows the scopes that its document names, and no others", async () => {
  await using api = await testApi({ apiKey: ROOT });
  const all = await operations();
  expect(all.length).toBeGreaterThan(30);
  const listed = JSON.parse(await openApiText()) as { paths: object };
  const secured = Object.keys(listed.paths).filter((path) => path === "/metrics" || path.startsWith("/v1/"));
  expect(new Set(all.map(({ path }) => path))).toEqual(new Set(secured));
  for (const held of SCOPES) {
    const { key } = await issue(api, { scopes: [held], tenant: "*" });
    for (const { method, path, scopes } of all) {
      const url = path.replaceAll(/\{\w+\}/g, "0");
      const response = await fetch(`${api.url}${url}`, { method, headers: as(key) });
      const { status } = response;
      const what = `${method} ${path} with ${held}`;
      if (scopes.some((scope) => allowsScope([held], scope))) {
        // Streams do not end without the client.
        await response.body?.cancel();
        expect([what, [401, 403].includes(status)]).toEqual([what, false]);
      } else {
        const { code } = (await response.json()) as { code: string };
        expect([what, status, code]).toEqual([what, 403, "forbidden"]);
      }
    }
  }
});
