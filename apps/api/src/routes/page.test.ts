import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testApi, type TestApi } from "../../test/test-api.ts";

/** Compressed sizes of the files that a first visit loads, and of all files. */
const FIRST_BYTES = 40 * 1_024;
const ALL_BYTES = 90 * 1_024;

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

/** Returns the assets with the scripts that they import: those that a browser loads at once, or all. */
async function withImports(which: "first" | "all"): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const pattern = which === "first" ? /(?:from|import)"\.\/([^"]+)"/g : /(?:from|import\(?)"\.\/([^"]+)"/g;
  const visit = async (path: string): Promise<void> => {
    if (found.has(path)) return;
    const body = await text(path);
    found.set(path, body);
    for (const [, name = ""] of body.matchAll(pattern)) await visit(`/assets/${name}`);
  };
  for (const path of await assets()) await visit(path);
  return found;
}

function zippedBytes(files: ReadonlyMap<string, string>): number {
  return [...files.values()].reduce((sum, file) => sum + gzipSync(file, { level: 9 }).length, 0);
}

test("every view is the same document", async () => {
  const document = await text("/");
  expect(document).toContain('<div id="app">');
  expect(await text("/new")).toBe(document);
  expect(await text("/batches/01j00000000000000000000000")).toBe(document);
});

test("the page loads within its budget, and loads nothing from other hosts", async () => {
  const [first, all] = [await withImports("first"), await withImports("all")];
  expect(first.size).toBeGreaterThanOrEqual(2);
  expect(all.size).toBeGreaterThan(first.size);
  expect(zippedBytes(first)).toBeLessThan(FIRST_BYTES);
  expect(zippedBytes(all)).toBeLessThan(ALL_BYTES);
  const { headers } = await fetch(`${api.url}/`);
  expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'; ?script-src 'self';/);
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

test("a monitor may ask for the head of the page only", async () => {
  const head = await fetch(`${api.url}/`, { method: "HEAD" });
  expect(head.status).toBe(200);
  expect(head.headers.get("content-type")).toContain("text/html");
  expect(await head.text()).toBe("");
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
