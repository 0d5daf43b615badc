import { expect, test } from "vitest";
import { json, testApi, type Answer, type TestApi } from "../../test/test-api.ts";
import { isRecord } from "../../test/test-record.ts";
import { until } from "@darkroom/testkit";
import { openApiText } from "../write-openapi.ts";

const ROOT = "the-root-key-of-a-test";

interface Client {
  readonly keyId: string;
  call(path: string, init?: RequestInit): Promise<Answer>;
}

/** Creates a client with an unlimited key of a tenant. */
async function client(api: TestApi, tenant: string): Promise<Client> {
  const limits = { sources: "any", destinations: "any" };
  const wish = json({ name: tenant, tenant, scopes: ["admin"], limits }, { "x-api-key": ROOT });
  const { status, body } = await api.call("/v1/keys", wish);
  expect(status).toBe(201);
  const key = String(body["key"]);
  return {
    keyId: String(body["id"]),
    call: async (path, init = {}) =>
      await api.call(path, { ...init, headers: { ...(init.headers as Record<string, string>), "x-api-key": key } }),
  };
}

interface Operation {
  readonly method: string;
  readonly path: string;
}

/** Returns every operation of the document whose path contains an id. */
async function operationsWithId(): Promise<readonly Operation[]> {
  const { paths } = JSON.parse(await openApiText()) as { paths: Record<string, Record<string, unknown>> };
  return Object.entries(paths)
    .filter(([path]) => path.startsWith("/v1/") && path.includes("{"))
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })));
}

/** Returns all data in Redis, except the last use of keys, which every call changes. */
async function stored(api: TestApi): Promise<string> {
  const { namespace } = api.settings.redis;
  const names = (await api.redis.keys(`*${namespace}*`)).filter(
    (name) => !/access\}:(used|clock)|attendance/.test(name),
  );
  const dumps = await Promise.all(
    names.sort().map(async (name) => [name, (await api.redis.dumpBuffer(name))?.toString("hex")]),
  );
  return JSON.stringify(dumps);
}

const BODIES: Readonly<Record<string, object>> = {
  answer: { answer: "yes" },
  run: {},
  actions: { action: "approve" },
  resend: { since: "2026-11-21T10:00:00Z" },
};

test("every route with an id answers 404 for another tenant's object, as for an unknown one, and changes nothing", async () => {
  await using api = await testApi({ apiKey: ROOT });
  const [acme, other] = [await client(api, "acme"), await client(api, "other")];
  const spec = await api.batch(3, { tenant: "acme" });
  const schedule = {
    id: "nightly",
    cron: "0 2 * * *",
    timeZone: "UTC",
    submission: { source: "s3://a/in/", destination: "s3://a/out/", recipe: { mode: "eco", preset: "skin-smoothing" } },
  };
  const made = await acme.call("/v1/schedules", json(schedule));
  expect([made.status, made.body["id"]]).toEqual([201, "acme.nightly"]);
  const upload = String((await acme.call("/v1/uploads", { method: "POST" })).body["id"]);
  const hook = await acme.call("/v1/webhooks", json({ url: "https://hooks.example/acme" }));
  expect(hook.status).toBe(201);
  const action = json({ action: "deliver", destination: api.folderUrl("final") });
  const operation = String((await acme.call(`/v1/batches/${spec.id}/actions`, action)).body["id"]);
  await until(async () => (await acme.call(`/v1/operations/${operation}`)).body["state"] === "completed", {
    what: "the operation",
  });
  const ids = (path: string): { readonly own: string; readonly unknown: string } | undefined => {
    if (path.startsWith("/v1/batches/")) return { own: spec.id, unknown: `${spec.id.slice(0, -4)}0000` };
    if (path.startsWith("/v1/schedules/")) return { own: "acme.nightly", unknown: "acme.hourly" };
    if (path.startsWith("/v1/uploads/")) return { own: upload, unknown: "0".repeat(32) };
    if (path.startsWith("/v1/webhooks/")) return { own: String(hook.body["id"]), unknown: "wh_0123456789abcdef" };
    if (path.startsWith("/v1/operations/")) return { own: operation, unknown: `op_${"0".repeat(32)}` };
    if (path.startsWith("/v1/keys/")) return { own: acme.keyId, unknown: "abcdefghijkl" };
    return undefined;
  };
  const operations = await operationsWithId();
  const checked: string[] = [];
  const before = await stored(api);
  for (const { method, path } of operations) {
    const named = ids(path);
    const query = path.endsWith("/photos") ? "?path=a.jpg" : "";
    const url = (id: string): string => `${path.replace("{id}", id).replaceAll(/\{\w+\}/g, "0")}${query}`;
    const what = `${method} ${path}`;
    if (named === undefined) {
      // The route concerns the whole deployment.
      const answer = await other.call(url("each-sense"), { method });
      expect([what, answer.status, answer.body["code"]]).toEqual([what, 403, "forbidden"]);
      continue;
    }
    const body = BODIES[path.split("/").at(-1) ?? ""];
    const init = body === undefined ? { method } : json(body);
    const foreign = await other.call(url(named.own), init);
    const unknown = await other.call(url(named.unknown), init);
    expect([what, foreign.status, unknown.status]).toEqual([what, 404, 404]);
    const plain = ({ body: problem }: Answer, id: string): string => JSON.stringify(problem).replaceAll(id, "…");
    expect(plain(foreign, named.own)).toBe(plain(unknown, named.unknown));
    checked.push(what);
  }
  expect(checked.length).toBeGreaterThan(20);
  expect(await stored(api)).toBe(before);
});

test("a tenant lists, counts and pays for its own objects only; the root key sees all", async () => {
  await using api = await testApi({ apiKey: ROOT });
  const [acme, other] = [await client(api, "acme"), await client(api, "other")];
  const own: string[] = [];
  for (let n = 0; n < 5; n += 1) {
    own.unshift((await api.batch(1, { tenant: "acme", createdAt: new Date(1_760_000_000_000 + n).toISOString() })).id);
    await api.batch(1, {
      tenant: n % 2 === 0 ? "other" : undefined,
      createdAt: new Date(1_760_000_000_000 + n).toISOString(),
    });
  }
  const listed = async (who: Client, query: string) => {
    const { body } = await who.call(`/v1/batches?${query}`);
    const ids = (body["batches"] as { id: string }[]).map(({ id }) => id);
    return { ids, next: body["nextCursor"] };
  };
  const first = await listed(acme, "limit=3");
  expect(first.ids).toEqual(own.slice(0, 3));
  expect(await listed(acme, `limit=3&cursor=${String(first.next)}`)).toEqual({ ids: own.slice(3), next: null });
  expect((await listed(other, "limit=50")).ids).toHaveLength(3);
  // Another tenant's position is not valid in the list.
  expect(await other.call(`/v1/batches?cursor=${String(first.next)}`)).toMatchObject({
    status: 400,
    body: { code: "invalid_input", field: "cursor" },
  });
  const root: Client = {
    keyId: "root",
    call: async (path) => await api.call(path, { headers: { "x-api-key": ROOT } }),
  };
  expect((await listed(root, "limit=50")).ids).toHaveLength(10);

  await api.settle(own[0] ?? "", 0, "ok", { billed: "yes", costUsd: 0.4 });
  const spent = async (who: Client) => (await who.call("/v1/costs?by=batch")).body["rows"];
  expect(await spent(acme)).toMatchObject([{ name: own[0], costUsd: 0.4 }]);
  expect(await spent(other)).toEqual([]);
  expect(await spent(root)).toMatchObject([{ name: own[0], costUsd: 0.4 }]);
  // The cost book outlives the batch and still contains its tenant.
  await api.end(own[0] ?? "", "completed");
  await api.ledger.forget(own[0] ?? "");
  expect(await spent(acme)).toMatchObject([{ name: own[0], costUsd: 0.4 }]);
  expect(await spent(other)).toEqual([]);
  expect((await listed(acme, "limit=50")).ids).toEqual(own.slice(1));

  const { keys } = (await other.call("/v1/keys")).body as { keys: { id: string }[] };
  expect(keys.map(({ id }) => id)).toEqual([other.keyId]);
  expect((await other.call("/v1/keys", json({ name: "x", tenant: "acme", scopes: ["read"] }))).status).toBe(403);
  expect((await other.call("/v1/keys", json({ name: "x", tenant: "*", scopes: ["read"] }))).status).toBe(403);
});

test("two tenants may use the same names: of a schedule and of an Idempotency-Key", async () => {
  await using api = await testApi({ apiKey: ROOT });
  const [acme, other] = [await client(api, "acme"), await client(api, "other")];
  const order = {
    rows: [{ source: "https://example.com/a.jpg" }],
    destination: api.folderUrl("out"),
    recipe: { preset: "skin-smoothing", mode: "eco" },
  };
  const sent = async (who: Client) =>
    await who.call("/v1/batches", json(order, { "idempotency-key": "the same for both" }));
  const made = [await sent(acme), await sent(other)];
  expect(made.map(({ status }) => status)).toEqual([201, 201]);
  const [one, two] = made.map(({ body }) => String(body["id"]));
  expect(one).not.toBe(two);
  expect((await sent(acme)).body["id"]).toBe(one);
  // Both write to the same place with the same recipe, but neither response mentions the other batch.
  expect(made.map(({ body }) => body["sharesDestination"])).toEqual([[], []]);
  expect((await other.call(`/v1/batches/${one ?? ""}`)).status).toBe(404);

  const schedule = {
    id: "nightly",
    cron: "0 2 * * *",
    timeZone: "UTC",
    submission: { source: "s3://a/in/", destination: "s3://a/out/", recipe: { mode: "eco", preset: "skin-smoothing" } },
  };
  for (const [who, tenant] of [
    [acme, "acme"],
    [other, "other"],
  ] as const) {
    expect((await who.call("/v1/schedules", json(schedule))).body["id"]).toBe(`${tenant}.nightly`);
    expect((await who.call("/v1/schedules", json(schedule))).status).toBe(409);
    expect((await who.call("/v1/schedules/nightly")).body["id"]).toBe(`${tenant}.nightly`);
    const { schedules } = (await who.call("/v1/schedules")).body as { schedules: unknown[] };
    expect(schedules.filter(isRecord).map(({ id }) => id)).toEqual([`${tenant}.nightly`]);
  }
  expect((await other.call("/v1/schedules/acme.nightly", { method: "DELETE" })).status).toBe(404);
  expect((await acme.call("/v1/schedules/nightly", { method: "DELETE" })).status).toBe(204);
});

test("batches that write to the same place are reported to their own tenant only", async () => {
  await using api = await testApi({ apiKey: ROOT });
  const [acme, other] = [await client(api, "acme"), await client(api, "other")];
  await api.batch(1, { tenant: "acme" });
  const order = {
    source: api.folderUrl("in"),
    destination: api.folderUrl("out"),
    recipe: { preset: "skin-smoothing", mode: "eco" },
  };
  const overlaps = async (who: Client) => (await who.call("/v1/overlaps", json(order))).body["batches"];
  expect(await overlaps(acme)).toHaveLength(1);
  expect(await overlaps(other)).toEqual([]);
});

test("the feed of all events contains a tenant's own events; the root key gets all", async () => {
  await using api = await testApi({ apiKey: ROOT });
  const [acme, other] = [await client(api, "acme"), await client(api, "other")];
  const made = [];
  for (const tenant of ["acme", "other", undefined]) made.push((await api.batch(1, { tenant })).id);
  for (const id of made) await api.ledger.feed.forward(id);
  const batchesIn = async (who: Client): Promise<readonly string[]> => {
    const text = String((await who.call("/v1/events?after=0&follow=false")).body["text"]);
    const events = [...text.matchAll(/^data: (\{.*\})$/gm)].map(
      ([, data = ""]) => JSON.parse(data) as { batch: string },
    );
    return [...new Set(events.map(({ batch }) => batch))];
  };
  expect(await batchesIn(acme)).toEqual([made[0]]);
  expect(await batchesIn(other)).toEqual([made[1]]);
  const root: Client = {
    keyId: "root",
    call: async (path) => await api.call(path, { headers: { "x-api-key": ROOT } }),
  };
  expect(await batchesIn(root)).toEqual(made);
  // A position between another tenant's events is valid, and the response does not contain those events.
  const late = String((await acme.call("/v1/events?after=1-1&follow=false")).body["text"]);
  expect(late).not.toContain(made[1] ?? "");
});
