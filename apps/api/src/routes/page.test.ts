import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testApi, type TestApi } from "../../test/test-api.ts";

/** Compressed size of all files that a first visit loads. */
const MOST_BYTES = 40 * 1_024;

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

async function text(path: string): Promise<string> {
  return await (await fetch(api.url + path)).text();
}

async function assets(): Promise<readonly string[]> {
  return [...(await text("/")).matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path = ""]) => path);
}

test("every view is the same document", async () => {
  const document = await text("/");
  expect(document).toContain('<div id="app">');
  expect(await text("/batches/01j00000000000000000000000")).toBe(document);
});

test("the page loads within its budget, and nothing from another host", async () => {
  const files = await Promise.all((await assets()).map(text));
  expect(files.length).toBeGreaterThanOrEqual(2);
  expect(files.reduce((sum, file) => sum + gzipSync(file, { level: 9 }).length, 0)).toBeLessThan(MOST_BYTES);
  const { headers } = await fetch(`${api.url}/`);
  expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'; script-src 'self';/);
  expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
});

test("browsers keep scripts and styles, and ask again for the document", async () => {
  const [asset = ""] = await assets();
  expect((await fetch(api.url + asset)).headers.get("cache-control")).toContain("immutable");
  const document = await fetch(`${api.url}/`);
  expect(document.headers.get("cache-control")).toBe("no-cache");
  const again = await fetch(`${api.url}/`, { headers: { "if-none-match": document.headers.get("etag") ?? "" } });
  expect(again.status).toBe(304);
});

test("a file of an older page is not found", async () => {
  const answer = await api.call("/assets/main-OLD.js");
  expect(answer.status).toBe(404);
});

test("a client without compression gets the plain file", async () => {
  const [asset = ""] = await assets();
  const plain = await fetch(api.url + asset, { headers: { "accept-encoding": "identity" } });
  expect(plain.headers.get("content-encoding")).toBeNull();
  const body = Buffer.from(await plain.arrayBuffer());
  expect(body.toString()).toBe(await text(asset));
});
