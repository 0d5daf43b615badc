import { afterAll, beforeAll, expect, test } from "vitest";
import { RESULT_METADATA } from "@darkroom/core";
import { json, testApi, type Answer, type TestApi } from "../../../test/test-api.ts";
import { openApiText } from "../../write-openapi.ts";

const ROOT = "the-root-key-of-a-test";

let api: TestApi;
beforeAll(async () => {
  api = await testApi({ apiKey: ROOT });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

let keys = 0;
const newKey = (): string => `request ${(keys += 1)}`;

async function send(path: string, key: string, { body, method = "POST" }: Wish = {}): Promise<Answer> {
  const headers = { "x-api-key": ROOT, "idempotency-key": key };
  const init = body === undefined ? { headers } : json(body, headers);
  return await api.call(path, { ...init, method });
}

interface Wish {
  readonly body?: object | undefined;
  readonly method?: string;
}

const recipe = { preset: "skin-smoothing", mode: "eco" };

/** Creates the resources that a route needs, and returns their ids and the body. */
type Prepare = () => Promise<{ readonly ids?: Readonly<Record<string, string>>; readonly body?: object }>;

const aBatch = async (rows = 1): Promise<string> => (await api.batch(rows)).id;
const inBatch =
  (body?: object): Prepare =>
  async () => ({
    ids: { id: await aBatch() },
    ...(body === undefined ? {} : { body }),
  });
const made =
  (path: string, body: object, name = "id") =>
  async (): Promise<{ ids: Record<string, string> }> => {
    const answer = await send(path, newKey(), { body });
    expect(answer).toMatchObject({ status: 201 });
    return { ids: { [name]: String(answer.body["id"]) } };
  };
const aKey = { name: "x", scopes: ["read"] };
const aWebhook = { url: "https://hooks.example/x" };
const aSchedule = () => ({
  cron: "0 2 * * *",
  timeZone: "UTC",
  submission: { source: "s3://a/in/", destination: "s3://a/out/", recipe },
});
const schedule = made("/v1/schedules", aSchedule());
const webhook = made("/v1/webhooks", aWebhook);
const upload: Prepare = async () => {
  const { body } = await send("/v1/uploads", newKey());
  return { ids: { id: String(body["id"]) } };
};
const finished = (body: object) => async () => {
  const id = await aBatch();
  await api.settle(id, 0, "no_face");
  return { ids: { id }, body };
};
const reviewable = (body: object) => async () => {
  const { id, destination } = await api.batch(1);
  const metadata = { [RESULT_METADATA.batch]: id, [RESULT_METADATA.sha256]: "1".padEnd(64, "0") };
  await api.stores.open(destination.url).put("p0.jpg", Buffer.from("a picture"), { metadata });
  await api.settle(id, 0, "ok");
  return { ids: { id }, body };
};

/** A successful call of each route in the document. */
const ROUTES: Readonly<Record<string, Prepare>> = {
  "POST /v1/batches": async () => ({
    body: { rows: [{ source: "https://example.com/a.jpg" }], destination: api.folderUrl(newKey()), recipe },
  }),
  "POST /v1/batches/{id}/pause": inBatch({}),
  "POST /v1/batches/{id}/resume": async () => {
    const id = await aBatch();
    expect((await send(`/v1/batches/${id}/pause`, newKey(), { body: {} })).status).toBe(200);
    return { ids: { id }, body: {} };
  },
  "POST /v1/batches/{id}/cancel": inBatch({}),
  "POST /v1/batches/{id}/confirm": async () => ({
    ids: { id: (await api.batch(1, { control: { confirm: true } })).id },
    body: {},
  }),
  "POST /v1/batches/{id}/retry": finished({ codes: ["no_face"] }),
  "POST /v1/batches/{id}/answer": async () => {
    const id = await aBatch();
    await api.settle(id, 0, "needs_clarification");
    return { ids: { id }, body: { answer: "grey" } };
  },
  "POST /v1/batches/{id}/actions": finished({ action: "retry", where: { code: ["no_face"] }, expect: 1 }),
  "POST /v1/batches/{id}/reviews": reviewable({ order: "approve", indexes: [0] }),
  "POST /v1/batches/{id}/approve": inBatch({}),
  "POST /v1/batches/{id}/redo": reviewable({ note: "brighter", indexes: [0] }),
  "POST /v1/batches/{id}/deliveries": async () => ({
    ids: { id: await aBatch() },
    body: { destination: api.folderUrl("final") },
  }),
  "POST /v1/batches/{id}/reconcile": inBatch({}),
  "DELETE /v1/batches/{id}": async () => {
    const id = await aBatch();
    await api.end(id, "completed");
    return { ids: { id } };
  },
  "POST /v1/batches/{id}/links": inBatch({ name: "Acme" }),
  "POST /v1/batches/{id}/links/{link}/revoke": async () => {
    const id = await aBatch();
    const { ids } = await made(`/v1/batches/${id}/links`, { name: "Acme" }, "link")();
    return { ids: { id, ...ids } };
  },
  "POST /v1/keys": async () => ({ body: aKey }),
  "POST /v1/keys/{id}/rotate": async () => ({ ...(await made("/v1/keys", aKey)()), body: {} }),
  "POST /v1/keys/{id}/revoke": made("/v1/keys", aKey),
  "POST /v1/webhooks": async () => ({ body: aWebhook }),
  "POST /v1/webhooks/{id}": async () => ({ ...(await webhook()), body: { description: "x" } }),
  "POST /v1/webhooks/{id}/rotate": async () => ({ ...(await webhook()), body: {} }),
  "POST /v1/webhooks/{id}/test": webhook,
  "POST /v1/webhooks/{id}/resend": async () => ({ ...(await webhook()), body: { since: "2026-11-21T10:00:00Z" } }),
  "DELETE /v1/webhooks/{id}": webhook,
  "POST /v1/schedules": async () => ({ body: aSchedule() }),
  "POST /v1/schedules/{id}/pause": async () => ({ ...(await schedule()), body: {} }),
  "POST /v1/schedules/{id}/resume": schedule,
  "POST /v1/schedules/{id}/run": async () => ({ ...(await schedule()), body: {} }),
  "DELETE /v1/schedules/{id}": schedule,
  "POST /v1/uploads": async () => ({}),
  "DELETE /v1/uploads/{id}": upload,
  "POST /v1/recoveries": async () => ({ body: { destination: api.folderUrl("nothing") } }),
  "POST /v1/lanes/{name}/unblock": async () => ({ ids: { name: "each-sense" } }),
};

/**
 * Routes that cannot succeed here, because only workers, receivers or the simulator create the resources that they
 * need.
 */
const NOT_HERE: Readonly<Record<string, number>> = {
  "POST /v1/webhooks/{id}/deliveries/{delivery}/resend": 404,
  "DELETE /v1/uploads/{id}/photos": 400,
  "POST /v1/samples": 409,
};

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<Record<string, unknown>>;
}

async function routesWithKey(): Promise<readonly string[]> {
  const { paths } = JSON.parse(await openApiText()) as { paths: Record<string, Record<string, Operation>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { parameters = [] }]) => parameters.some(({ name }) => name === "Idempotency-Key"))
      .map(([method, { responses }]) => {
        expect(Object.keys(responses), path).toEqual(expect.arrayContaining(["409", "422"]));
        return `${method.toUpperCase()} ${path}`;
      }),
  );
}

test("every route that changes something accepts the key", async () => {
  const routes = await routesWithKey();
  expect(routes.toSorted()).toEqual([...Object.keys(ROUTES), ...Object.keys(NOT_HERE)].toSorted());
  const { paths } = JSON.parse(await openApiText()) as { paths: Record<string, Record<string, Operation>> };
  const changing = Object.entries(paths)
    .filter(([path]) => path.startsWith("/v1/"))
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`))
    .filter((route) => /^(POST|DELETE) /.test(route));
  const others = ["POST /v1/quotes", "POST /v1/overlaps", "POST /v1/session", "DELETE /v1/session"];
  expect(changing.filter((route) => !routes.includes(route)).toSorted()).toEqual(others.toSorted());
});

test.each(Object.entries(ROUTES))(
  "%s: a repeated key gets the first answer, another request is refused",
  async (route, prepare) => {
    const [method = "", path = ""] = route.split(" ");
    const { ids = {}, body } = await prepare();
    const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? "missing");
    const key = newKey();
    const first = await send(url, key, { method, body });
    expect([route, first.status, first.body["detail"]]).toEqual([
      route,
      expect.toSatisfy((status) => Number(status) < 300),
      undefined,
    ]);
    const again = await send(url, key, { method, body });
    const secret = ["key", "secret", "path"].map((name) => first.body[name]).find((value) => typeof value === "string");
    if (route === "POST /v1/batches") {
      expect([again.status, again.body["id"]]).toEqual([200, first.body["id"]]);
    } else if (secret === undefined) {
      expect([again.status, again.body]).toEqual([first.status, first.body]);
      expect(again.headers.get("idempotency-replayed")).toBe("true");
      expect(again.headers.get("location")).toBe(first.headers.get("location"));
    } else {
      expect(again).toMatchObject({ status: 409, body: { code: "conflict", id: first.body["id"] } });
      expect(await storedText()).not.toContain(secret.split("_").at(-1));
    }
    const other = route === "POST /v1/batches" ? { ...body, name: "another" } : body;
    const otherUrl = route === "POST /v1/batches" ? url : `${url}?other=1`;
    const reused = await send(otherUrl, key, { method, body: other });
    // An unknown parameter is refused before the key is read.
    if (reused.status !== 400)
      expect(reused).toMatchObject({ status: 422, body: { code: "idempotency_key_reused", field: "Idempotency-Key" } });
  },
);

/** Returns all values of Idempotency-Keys. */
async function storedText(): Promise<string> {
  const names = await api.redis.keys(`${api.settings.redis.namespace}:idempotency:*`);
  return (await api.redis.mget(...names)).join("\n");
}

test.each(Object.entries(NOT_HERE))("%s: a refused request frees its key", async (route, status) => {
  const [method = "", path = ""] = route.split(" ");
  const id = path.startsWith("/v1/webhooks") ? (await webhook()).ids["id"] : await aBatch();
  const url = path.replace("{id}", String(id)).replaceAll(/\{\w+\}/g, "0");
  const key = newKey();
  const body = method === "DELETE" || path.endsWith("samples") || path.endsWith("resend") ? undefined : {};
  const answers = [await send(url, key, { method, body }), await send(url, key, { method, body })];
  expect(answers.map((answer) => answer.status)).toEqual([status, status]);
});

test("refuses another body under the same key, and changes nothing", async () => {
  const key = newKey();
  const body = { ...aSchedule(), id: "nightly" };
  expect((await send("/v1/schedules", key, { body })).status).toBe(201);
  const other = { ...body, id: "hourly" };
  expect(await send("/v1/schedules", key, { body: other })).toMatchObject({ status: 422 });
  expect((await api.call("/v1/schedules/hourly", { headers: { "x-api-key": ROOT } })).status).toBe(404);
  // The same names in another order are the same request.
  const turned = Object.fromEntries(Object.entries(body).toReversed());
  expect(await send("/v1/schedules", key, { body: turned })).toMatchObject({ status: 201, body: { id: "nightly" } });
  expect(await send("/v1/keys", key, { body: aKey })).toMatchObject({ status: 422 });
  const batch = { rows: [{ source: "https://example.com/a.jpg" }], destination: api.folderUrl("out"), recipe };
  expect(await send("/v1/batches", key, { body: batch })).toMatchObject({ status: 422 });
});

test("of simultaneous requests with one key, one is carried out", async () => {
  const key = newKey();
  const answers = await Promise.all(
    Array.from({ length: 8 }, async () => await send("/v1/schedules", key, { body: aSchedule() })),
  );
  const ids = answers.filter(({ status }) => status === 201).map(({ body }) => body["id"]);
  expect(new Set(ids).size).toBe(1);
  for (const { status, headers, body } of answers) {
    expect([201, 409]).toContain(status);
    if (status === 409) expect([body["code"], Number(headers.get("retry-after")) > 0]).toEqual(["conflict", true]);
  }
});

test("tenants share no keys", async () => {
  const tenants = await Promise.all(
    ["acme", "other"].map(async (tenant) => {
      const wish = { name: tenant, tenant, scopes: ["admin"], limits: { sources: "any", destinations: "any" } };
      return String((await send("/v1/keys", newKey(), { body: wish })).body["key"]);
    }),
  );
  const key = newKey();
  const ids = await Promise.all(
    tenants.map(async (apiKey) => {
      const headers = { "x-api-key": apiKey, "idempotency-key": key };
      return (await api.call("/v1/schedules", json({ ...aSchedule(), id: "same" }, headers))).body["id"];
    }),
  );
  expect(ids).toEqual(["acme.same", "other.same"]);
});

test("refuses a key that is too long, on any route", async () => {
  expect(await send("/v1/keys", "x".repeat(256), { body: aKey })).toMatchObject({
    status: 400,
    body: { errors: [{ parameter: "Idempotency-Key", in: "header" }] },
  });
});
