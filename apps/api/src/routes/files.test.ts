import { afterAll, beforeAll, expect, test } from "vitest";
import { parseRange } from "./files.ts";
import { testApi, type TestApi } from "../../test/test-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
  await api.stores.open(api.folderUrl("photos")).put("äöü/one photo.jpg", Buffer.from("0123456789"));
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

async function link(expiresInSeconds = 60): Promise<string> {
  const url = await api.stores.open(api.folderUrl("photos")).link("äöü/one photo.jpg", { expiresInSeconds });
  return new URL(url).pathname;
}

test("serves a linked file with private caching", async () => {
  const { status, headers, body } = await api.call(await link());
  expect(status).toBe(200);
  expect(headers.get("content-type")).toBe("image/jpeg");
  expect(headers.get("cache-control")).toBe("private, no-store");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(body).toEqual({ text: "0123456789" });
});

test("answers HEAD with the length and no body", async () => {
  const { status, headers, body } = await api.call(await link(), { method: "HEAD" });
  expect([status, headers.get("content-length"), headers.get("accept-ranges")]).toEqual([200, "10", "bytes"]);
  expect(body).toEqual({ text: "" });
});

test.each([
  ["bytes=2-4", 206, "234", "bytes 2-4/10"],
  ["bytes=7-", 206, "789", "bytes 7-9/10"],
  ["bytes=-2", 206, "89", "bytes 8-9/10"],
  ["bytes=5-99", 206, "56789", "bytes 5-9/10"],
  ["bytes=0-1,4-5", 200, "0123456789", null],
  ["lines=1-2", 200, "0123456789", null],
])("serves the range %s", async (range, status, content, contentRange) => {
  const answer = await api.call(await link(), { headers: { range } });
  expect([answer.status, answer.body["text"], answer.headers.get("content-range")]).toEqual([
    status,
    content,
    contentRange,
  ]);
});

test("rejects a range beyond the end", async () => {
  const answer = await api.call(await link(), { headers: { range: "bytes=10-" } });
  expect(answer.status).toBe(416);
  expect(answer.headers.get("content-range")).toBe("bytes */10");
});

test("handles ranges of an empty file", () => {
  expect(parseRange("bytes=0-", 0)).toBe("unsatisfiable");
  expect(parseRange("bytes=-5", 0)).toBe("unsatisfiable");
  expect(parseRange(undefined, 0)).toBeUndefined();
});

test("rejects links that are expired, changed or made up", async () => {
  const expired = await link(1);
  const good = await link();
  await expect.poll(async () => (await api.call(expired)).status, { timeout: 5_000 }).toBe(410);
  expect((await api.call(expired)).body).toMatchObject({ code: "link_expired" });
  const [, , token = "", name = ""] = good.split("/");
  const [claims = "", signature = ""] = token.split(".");
  const other = Buffer.from(Buffer.from(claims, "base64url").toString().replace("one photo", "two photo")).toString(
    "base64url",
  );
  for (const bad of [`${other}.${signature}`, `${claims}.${signature.slice(1)}`, claims, "nonsense", "a.b.c"]) {
    expect([bad, (await api.call(`/files/${bad}/${name}`)).status]).toEqual([bad, 403]);
  }
});

test("reports that the file of a link is gone", async () => {
  const store = api.stores.open(api.folderUrl("photos"));
  await store.put("gone.jpg", Buffer.from("x"));
  const { pathname } = new URL(await store.link("gone.jpg", { expiresInSeconds: 60 }));
  await store.delete("gone.jpg");
  expect(await api.call(pathname)).toMatchObject({ status: 404, body: { code: "storage_not_found" } });
});

test("returns nothing of another file that replaced the linked one", async () => {
  const store = api.stores.open(api.folderUrl("photos"));
  const { etag } = await store.put("held.jpg", Buffer.from("ana"));
  const { pathname } = new URL(await store.link("held.jpg", { expiresInSeconds: 60, etag }));
  expect((await api.call(pathname)).body).toEqual({ text: "ana" });
  await store.put("held.jpg", Buffer.from("bob"));
  expect(await api.call(pathname)).toMatchObject({ status: 410, body: { code: "link_expired" } });
  await store.put("held.jpg", Buffer.from("ana"));
  expect((await api.call(pathname)).status).toBe(200);
});

test("logs no link's token", async () => {
  const path = await link();
  await api.call(path);
  await api.call(path.replace("/files/", "/filez/"));
  const token = path.split("/")[2] ?? "";
  expect(token.length).toBeGreaterThan(20);
  await expect.poll(() => api.logged.some((line) => /"route":"\/files\/[^"]*:name"/.test(line))).toBe(true);
  expect(api.logged.join("")).not.toContain(token);
});
