import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { json, testApi, type Answer, type TestApi } from "../../test/test-api.ts";

const ROOT = "the-root-key-of-a-test";
const recipe = { preset: "skin-smoothing", mode: "eco" };
const PRICES = { DARKROOM_PRICES: '{"each-sense":{"eco":0.5,"max":0.5}}' };

type Call = (path: string, init?: RequestInit) => Promise<Answer>;

async function withKey(api: TestApi, wish: object, by = ROOT): Promise<{ readonly id: string; readonly call: Call }> {
  const answer = await api.call(
    "/v1/keys",
    json({ name: "a program", scopes: ["submit"], ...wish }, { "x-api-key": by }),
  );
  expect(answer).toMatchObject({ status: 201 });
  const headers = { "x-api-key": String(answer.body["key"]) };
  const call: Call = async (path, init = {}) =>
    await api.call(path, { ...init, headers: { ...(init.headers as Record<string, string>), ...headers } });
  return { id: String(answer.body["id"]), call };
}

function order(api: TestApi, rows: number, more: object = {}): RequestInit {
  const sources = Array.from({ length: rows }, (_, n) => ({ source: `https://example.com/${n}.jpg` }));
  return json({ rows: sources, destination: api.folderUrl("out"), recipe, ...more });
}

test("limits a key's calls per minute, and tells it when to retry", async () => {
  await using api = await testApi({ apiKey: ROOT });
  const { call } = await withKey(api, { scopes: ["read"], limits: { callsPerMinute: 6 } });
  const statuses: number[] = [];
  const told: (string | null)[] = [];
  for (let n = 0; n < 5; n += 1) {
    const answer = await call("/v1/presets");
    statuses.push(answer.status);
    told.push(answer.headers.get("ratelimit"));
    expect(answer.headers.get("ratelimit-policy")).toBe('"calls";q=6;w=60');
  }
  expect(told.map((text) => /^"calls";r=(\d+);t=\d+$/.exec(text ?? "")?.[1])).toEqual(["4", "3", "2", "1", "0"]);
  expect(statuses).toEqual([200, 200, 200, 200, 200]);
  const { status, headers, body } = await call("/v1/presets");
  expect([status, body["code"]]).toEqual([429, "limit_reached"]);
  expect(Number(headers.get("retry-after"))).toBeGreaterThan(5);
  expect(headers.get("ratelimit")).toBe(`"calls";r=0;t=${headers.get("retry-after") ?? ""}`);
  expect(body["detail"]).toContain("callsPerMinute");
});

test("limits a key's rows per day; refused batches return their rows", async () => {
  await using api = await testApi({ apiKey: ROOT });
  const { call } = await withKey(api, { limits: { rowsPerDay: 10 }, scopes: ["submit", "manage"] });
  const send = async (rows: number, more = {}) => await call("/v1/batches", order(api, rows, more));
  expect(await send(11)).toMatchObject({
    status: 403,
    body: { field: "source", detail: expect.stringContaining("rowsPerDay") },
  });
  expect((await send(6)).status).toBe(201);
  // Refused after the reservation, because its name is a folder's.
  expect((await send(4, { rows: [{ source: "https://example.com/a.jpg", destination: "../x.jpg" }] })).status).toBe(
    400,
  );
  const full = await send(5);
  expect(full).toMatchObject({
    status: 429,
    body: { code: "limit_reached", detail: expect.stringContaining("6 of 10 rows") },
  });
  expect(Number(full.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await send(4)).status).toBe(201);
  expect((await send(1)).status).toBe(429);
  const schedule = {
    cron: "0 2 * * *",
    timeZone: "UTC",
    submission: { source: "s3://a/in/", destination: "s3://a/out/", recipe },
  };
  expect(await call("/v1/schedules", json(schedule))).toMatchObject({ status: 403, body: { code: "forbidden" } });
});

test("limits a key's spending per day: a batch gets the reserved amount as its budget", async () => {
  await using api = await testApi({ apiKey: ROOT, variables: PRICES });
  const { call } = await withKey(api, { limits: { usdPerDay: 5 }, scopes: ["submit", "manage"] });
  const send = async (rows: number, more = {}) => await call("/v1/batches", order(api, rows, more));
  const first = await send(4);
  expect(first).toMatchObject({ status: 201, body: { maxCostUsd: 2 } });
  const id = String(first.body["id"]);
  expect(await send(8)).toMatchObject({
    status: 429,
    body: { detail: expect.stringContaining("2 of 5 USD (usdPerDay)") },
  });
  expect(await send(8, { maxCostUsd: 5.5 })).toMatchObject({ status: 403, body: { field: "maxCostUsd" } });
  expect(await send(8, { maxCostUsd: 2.5 })).toMatchObject({ status: 201, body: { maxCostUsd: 2.5 } });
  // 0.5 USD are left. A higher budget reserves only the difference.
  const raise = async (maxCostUsd: number) => await call(`/v1/batches/${id}/resume`, json({ maxCostUsd }));
  expect((await raise(2.6)).body["maxCostUsd"] ?? 2.6).toBe(2.6);
  expect(await raise(3.2)).toMatchObject({ status: 429, body: { code: "limit_reached" } });
  // A batch without a budget could spend without limit.
  const free = await api.batch(1);
  for (const move of ["confirm", "resume", "retry"]) {
    const answer = await call(`/v1/batches/${free.id}/${move}`, { method: "POST" });
    expect([move, answer.status, answer.body["code"]]).toEqual([move, 403, "forbidden"]);
  }
});

test("simultaneous submissions never reserve more than a day has", async () => {
  await using api = await testApi({ apiKey: ROOT, variables: PRICES });
  const { call } = await withKey(api, { limits: { usdPerDay: 2 } });
  const answers = await Promise.all(Array.from({ length: 8 }, () => call("/v1/batches", order(api, 1))));
  const accepted = answers.filter(({ status }) => status === 201);
  const refused = answers.filter(({ status }) => status === 429);
  expect([accepted.length, refused.length]).toEqual([4, 4]);
});

test("a limit in USD needs prices", async () => {
  await using api = await testApi({ apiKey: ROOT });
  const wish = json({ name: "x", scopes: ["submit"], limits: { usdPerDay: 5 } }, { "x-api-key": ROOT });
  expect(await api.call("/v1/keys", wish)).toMatchObject({ status: 400, body: { field: "limits.usdPerDay" } });
});

test("a key uses only its lanes, and sees no others", async () => {
  await using api = await testApi({ apiKey: ROOT });
  const { call } = await withKey(api, { limits: { lanes: ["acme-*"] } });
  const refused = await call("/v1/batches", order(api, 1));
  expect(refused).toMatchObject({ status: 403, body: { code: "forbidden", field: "lane" } });
  const unknown = await call("/v1/batches", order(api, 1, { lane: "phota" }));
  expect(unknown.status).toBe(400);
});

test("a tenant's submitting key needs prefixes; no key creates one with wider access", async () => {
  await using api = await testApi({ apiKey: ROOT });
  const create = async (wish: object, call: Call) => await call("/v1/keys", json({ name: "x", ...wish }));
  const asRoot: Call = async (path, init = {}) =>
    await api.call(path, { ...init, headers: { ...(init.headers as Record<string, string>), "x-api-key": ROOT } });
  const open = await create({ tenant: "acme", scopes: ["submit"] }, asRoot);
  expect(open).toMatchObject({ status: 400, body: { field: "limits.sources" } });
  expect((await create({ tenant: "acme", scopes: ["read", "review"] }, asRoot)).status).toBe(201);
  const limits = { sources: ["s3://acme/raw/"], destinations: ["s3://acme/done/"] };
  const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
  const admin = await withKey(api, { tenant: "acme", scopes: ["admin"], limits, expiresAt });
  const made = await create({ scopes: ["submit"] }, admin.call);
  expect(made).toMatchObject({ status: 201, body: { tenant: "acme", limits, expiresAt } });
  const narrower = { ...limits, sources: ["s3://acme/raw/a"] };
  expect((await create({ scopes: ["submit"], limits: narrower }, admin.call)).body["limits"]).toEqual({
    ...limits,
    sources: ["s3://acme/raw/a/"],
  });
  for (const wider of [
    { limits: { ...limits, sources: "any" } },
    { limits: { ...limits, sources: ["s3://acme/"] } },
    { limits: { ...limits, destinations: ["s3://acme/done-evil/"] } },
    { expiresAt: new Date(Date.now() + 2 * 86_400_000).toISOString() },
  ]) {
    const answer = await create({ scopes: ["submit"], ...wider }, admin.call);
    expect(answer).toMatchObject({ status: 403, body: { code: "forbidden" } });
  }
  const wide = await withKey(api, { tenant: "acme", limits: { sources: "any", destinations: "any" } });
  expect((await admin.call(`/v1/keys/${wide.id}/rotate`, { method: "POST" })).status).toBe(403);
  expect((await admin.call(`/v1/keys/${admin.id}/rotate`, { method: "POST" })).status).toBe(200);
  expect((await admin.call(`/v1/keys/${wide.id}/revoke`, { method: "POST" })).status).toBe(200);
  const counted = await withKey(api, { scopes: ["admin"], limits: { rowsPerDay: 5 } });
  expect((await create({ scopes: ["submit"], limits: { rowsPerDay: 5 } }, counted.call)).status).toBe(403);
});

test("a link under a creator's folder gives no access to its target", async () => {
  await using api = await testApi({ apiKey: ROOT });
  for (const name of ["acme", "secret"]) await mkdir(join(api.folder, name));
  await symlink(join(api.folder, "secret"), join(api.folder, "acme/link"));
  const limits = { sources: [api.folderUrl("acme")], destinations: [api.folderUrl("acme")] };
  const admin = await withKey(api, { tenant: "acme", scopes: ["admin"], limits });
  for (const [name, status] of [
    ["acme/own", 201],
    ["acme/link", 403],
    ["acme/link/deeper", 403],
  ] as const) {
    const wish = { name, scopes: ["submit"], limits: { ...limits, sources: [api.folderUrl(name)] } };
    expect([name, (await admin.call("/v1/keys", json(wish))).status]).toEqual([name, status]);
  }
});

test("a folder of photos is counted before it is accepted", async () => {
  await using api = await testApi({ apiKey: ROOT });
  await mkdir(join(api.folder, "in"));
  for (let n = 0; n < 4; n += 1) await writeFile(join(api.folder, `in/${n}.jpg`), "a photo");
  const { call } = await withKey(api, { limits: { rowsPerDay: 3 } });
  const prefix = json({ source: api.folderUrl("in"), destination: api.folderUrl("out"), recipe });
  expect(await call("/v1/batches", prefix)).toMatchObject({
    status: 403,
    body: { detail: expect.stringContaining("4 rows") },
  });
});
