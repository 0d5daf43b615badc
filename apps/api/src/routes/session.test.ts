import { expect, test } from "vitest";
import { json, testApi, type TestApi } from "../../test/test-api.ts";

const ROOT = "the root key of this test";

/** A browser with a page of this server and its cookie. */
class Browser {
  readonly #api: TestApi;
  #cookie = "";

  constructor(api: TestApi) {
    this.#api = api;
  }

  async send(method: string, path: string, options: { body?: unknown; origin?: string | undefined } = {}) {
    const { body, origin = this.#api.url } = options;
    const answer = await this.#api.call(path, {
      method,
      headers: {
        ...(this.#cookie === "" ? {} : { cookie: this.#cookie }),
        ...(origin === "" ? {} : { origin }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const [set = ""] = answer.headers.getSetCookie();
    if (set !== "") this.#cookie = set.split(";", 1).join("");
    return { ...answer, set };
  }

  async signIn(key: string) {
    return await this.send("POST", "/v1/session", { body: { key } });
  }
}

async function issue(api: TestApi, scopes: readonly string[]): Promise<{ readonly id: string; readonly key: string }> {
  const { body } = await api.call("/v1/keys", json({ name: "page", scopes }, { "x-api-key": ROOT }));
  return body as unknown as { readonly id: string; readonly key: string };
}

test("a key becomes a cookie that no script reads and no other site sends", async () => {
  await using api = await testApi({ apiKey: ROOT });
  const browser = new Browser(api);
  expect((await browser.send("GET", "/v1/batches")).status).toBe(401);
  const { status, set, body } = await browser.signIn(ROOT);
  expect([status, body]).toEqual([
    200,
    { key: "root", scopes: ["admin"], allTenants: true, simulated: false, link: null },
  ]);
  expect(set).toMatch(/^darkroom_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/);
  expect((await browser.send("GET", "/v1/batches")).status).toBe(200);
  expect((await browser.send("GET", "/v1/session")).body).toEqual({
    key: "root",
    scopes: ["admin"],
    allTenants: true,
    simulated: false,
    link: null,
  });
  expect(api.logged.join("")).not.toContain(/=([\w-]{43});/.exec(set)?.[1]);
  expect(api.logged.join("")).not.toContain(ROOT);
});

test("a wrong key signs no user in", async () => {
  await using api = await testApi({ apiKey: ROOT });
  const browser = new Browser(api);
  const { status, set, body } = await browser.signIn("a wrong key");
  expect([status, set]).toEqual([401, ""]);
  expect(body["detail"]).toContain("The API key is wrong");
  expect(body["detail"]).not.toContain("Authorization");
});

test("signing out ends the session, also for a copy of the cookie", async () => {
  await using api = await testApi({ apiKey: ROOT });
  const browser = new Browser(api);
  const { set } = await browser.signIn(ROOT);
  const cookie = set.split(";", 1).join("");
  expect((await browser.send("DELETE", "/v1/session")).status).toBe(204);
  expect((await browser.send("GET", "/v1/batches")).status).toBe(401);
  expect((await api.call("/v1/batches", { headers: { cookie } })).status).toBe(401);
});

test("a page of another server changes nothing, with any cookie", async () => {
  await using api = await testApi({ apiKey: ROOT });
  const browser = new Browser(api);
  await browser.signIn(ROOT);
  const { id } = await api.batch(3);
  for (const origin of ["https://evil.example", "null", "http://127.0.0.1:1", ""]) {
    const { status } = await browser.send("POST", `/v1/batches/${id}/pause`, { origin });
    expect([origin, status]).toEqual([origin, 403]);
    expect((await new Browser(api).send("POST", "/v1/session", { body: { key: ROOT }, origin })).status).toBe(403);
  }
  expect((await api.ledger.read(id))?.state).toBe("running");
  expect((await browser.send("POST", `/v1/batches/${id}/pause`)).status).toBe(200);
});

test("a sign-in has the rights of its key, and ends with it", async () => {
  await using api = await testApi({ apiKey: ROOT });
  const { id: keyId, key } = await issue(api, ["read"]);
  const browser = new Browser(api);
  expect((await browser.signIn(key)).body).toEqual({
    key: keyId,
    scopes: ["read"],
    allTenants: false,
    simulated: false,
    link: null,
  });
  expect((await browser.send("GET", "/v1/batches")).status).toBe(200);
  const { id } = await api.batch(3);
  expect((await browser.send("POST", `/v1/batches/${id}/pause`)).status).toBe(403);
  await api.call(`/v1/keys/${keyId}/revoke`, { method: "POST", headers: { "x-api-key": ROOT } });
  expect((await browser.send("GET", "/v1/batches")).status).toBe(401);
});

test("treats an invalid cookie like none", async () => {
  await using api = await testApi();
  const headers = { cookie: `other=1; darkroom_session=${"a".repeat(43)}` };
  expect((await api.call("/v1/session", { headers })).body).toEqual({
    key: "local",
    scopes: ["admin"],
    allTenants: true,
    simulated: false,
    link: null,
  });
});
