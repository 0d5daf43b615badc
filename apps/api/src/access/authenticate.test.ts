import { request } from "node:http";
import { expect, test } from "vitest";
import { checkExposure, isLoopback } from "./loopback.ts";
import { startApi } from "../index.ts";
import { json, testApi, type TestApi } from "../../test/test-api.ts";

test("requires the API key, in either header", async () => {
  await using api = await testApi({ apiKey: "right key-1" });
  const status = async (headers: Readonly<Record<string, string>>) =>
    (await api.call("/v1/presets", { headers })).status;
  expect(await status({ authorization: "Bearer right" })).toBe(401);
  expect(await status({ "x-api-key": "right key-1" })).toBe(200);
  expect(await status({ "x-api-key": "right key-2" })).toBe(401);
  expect(await status({ "x-api-key": "" })).toBe(401);
  expect(await status({})).toBe(401);
  const { headers, body } = await api.call("/v1/presets");
  expect(headers.get("www-authenticate")).toMatch(/^Bearer/);
  expect(body).toMatchObject({ code: "unauthorized" });
});

test("accepts a bearer token", async () => {
  await using api = await testApi({ apiKey: "secret-of-the-test" });
  const headers = { authorization: "Bearer secret-of-the-test" };
  expect((await api.call("/v1/presets", { headers })).status).toBe(200);
  await api.call("/v1/batches", json({}, headers));
  expect(api.logged.length).toBeGreaterThan(0);
  expect(api.logged.join("")).not.toContain("secret-of-the-test");
});

test("requires no key for health and the documentation", async () => {
  await using api = await testApi({ apiKey: "k" });
  for (const path of ["/healthz", "/readyz", "/openapi.json", "/docs"]) {
    expect([path, (await api.call(path)).status]).toEqual([path, 200]);
  }
});

test("does not listen on other addresses without a key", async () => {
  await using api = await testApi();
  const settings = { ...api.settings, api: { host: "0.0.0.0", port: 0 } };
  await expect(startApi(settings)).rejects.toMatchObject({
    code: "invalid_settings",
    message: expect.stringContaining("Set DARKROOM_API_KEY"),
  });
  expect(() => checkExposure("0.0.0.0", "key")).not.toThrow();
});

test.each([
  ["localhost", true],
  ["127.0.0.1", true],
  ["127.9.9.9", true],
  ["::1", true],
  ["[::1]", true],
  ["0.0.0.0", false],
  ["::", false],
  ["192.168.0.1", false],
  ["127.0.0.1.example.com", false],
])("decides whether %s is this machine only", (host, loopback) => {
  expect(isLoopback(host)).toBe(loopback);
});

/** Sends a request with headers that fetch does not allow, as a browser would. */
async function statusOf(api: TestApi, headers: Readonly<Record<string, string>>): Promise<number | undefined> {
  return await new Promise((resolve, reject) => {
    request(`${api.url}/v1/presets`, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
}

test("without a key, rejects requests from foreign web pages", async () => {
  await using api = await testApi();
  expect(await statusOf(api, { host: "evil.example" })).toBe(401);
  expect(await statusOf(api, { origin: "https://evil.example" })).toBe(401);
  expect(await statusOf(api, { origin: "null" })).toBe(401);
  expect(await statusOf(api, { host: "localhost:8080", origin: "http://localhost:5173" })).toBe(200);
});
