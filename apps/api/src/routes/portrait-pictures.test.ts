import { batchKeys } from "@darkroom/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testApi, type TestApi } from "../../test/test-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

/** Not a real picture, because the API never decodes pictures. */
const JPEG = Buffer.from("the bytes of a picture");

async function batchWithPictures() {
  const spec = await api.batch(3);
  const source = api.stores.open(spec.source.kind === "prefix" ? spec.source.url : (spec.source.baseUrl ?? ""));
  const destination = api.stores.open(spec.destination.url);
  await source.put("p0.jpg", JPEG, { contentType: "image/jpeg" });
  await destination.put("p1.jpg", JPEG, { contentType: "image/jpeg" });
  await destination.put(batchKeys(spec.id).thumbnail(1, "result"), JPEG, { contentType: "image/webp" });
  return { path: `/v1/batches/${spec.id}/portraits`, source, destination };
}

test("gives the photo, the result and the thumbnail of a portrait", async () => {
  const { path } = await batchWithPictures();
  const get = async (rest: string) => {
    const answer = await fetch(`${api.url}${path}${rest}`);
    return [answer.status, answer.headers.get("content-type"), Buffer.from(await answer.arrayBuffer()).equals(JPEG)];
  };
  expect(await get("/0/picture?of=source")).toEqual([200, "image/jpeg", true]);
  expect(await get("/1/picture?of=result")).toEqual([200, "image/jpeg", true]);
  expect(await get("/1/thumbnail?of=result")).toEqual([200, "image/webp", true]);
});

test("says why there is no picture to show", async () => {
  const { path } = await batchWithPictures();
  expect((await api.call(`${path}/0/picture?of=result`)).body).toMatchObject({
    status: 404,
    detail: "There is no picture to show: it does not exist.",
  });
  expect((await api.call(`${path}/9/picture?of=source`)).status).toBe(404);
  expect((await api.call(`${path}/0/picture`)).status).toBe(400);
});

test("never serves a file that a browser would run", async () => {
  const { path, source, destination } = await batchWithPictures();
  await source.put("p0.jpg", Buffer.from("<script>alert(1)</script>"), { contentType: "text/html" });
  await destination.put("p1.jpg", JPEG, { contentType: "image/svg+xml" });
  for (const rest of ["/0/picture?of=source", "/1/picture?of=result"]) {
    expect((await api.call(path + rest)).body).toMatchObject({
      status: 404,
      detail: "There is no picture to show: browsers do not show its format.",
    });
  }
});

test("tells browsers not to guess the type and not to run anything", async () => {
  const { path } = await batchWithPictures();
  const { headers } = await fetch(`${api.url}${path}/0/picture?of=source`);
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("content-security-policy")).toContain("sandbox");
  expect(headers.get("cache-control")).toContain("private");
});
