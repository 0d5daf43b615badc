import { afterAll, beforeAll, expect, test } from "vitest";
import { testApi, type TestApi } from "../../test/test-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

/** Returns the headers of a response, which may never end. */
async function headersOf(path: string): Promise<Headers> {
  const gone = new AbortController();
  const { headers } = await fetch(api.url + path, { signal: gone.signal });
  gone.abort();
  return headers;
}

const PLAIN = "default-src 'none';base-uri 'none';frame-ancestors 'none'";

test.each([
  ["/v1/presets", PLAIN],
  ["/v1/nothing", PLAIN],
  ["/v1/events", PLAIN],
  ["/healthz", PLAIN],
  ["/openapi.json", PLAIN],
  ["/", "default-src 'none';script-src 'self';style-src 'self';"],
  ["/docs/", "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"],
  ["/files/x/y.jpg", "sandbox;default-src 'none'"],
])("%s has one policy, is of one type, and cannot be framed", async (path, policy) => {
  const headers = await headersOf(path);
  expect(headers.get("content-security-policy")).toMatch(policy);
  expect(headers.get("content-security-policy")).not.toContain(",");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("x-frame-options")).toBe("DENY");
  expect(headers.get("referrer-policy")).toBe("no-referrer");
  const isShownElsewhere = path.startsWith("/files/");
  expect(headers.get("cross-origin-resource-policy")).toBe(isShownElsewhere ? "cross-origin" : "same-origin");
  // The proxy that ends TLS decides about HSTS.
  expect(headers.get("strict-transport-security")).toBeNull();
});
