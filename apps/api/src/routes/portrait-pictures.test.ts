import { batchKeys, fingerprint, newBatchId, RESULT_METADATA, sha256 } from "@darkroom/core";
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

const DIGEST = sha256(JPEG);

/** A batch in which portrait 1 has succeeded, with its result and its thumbnail. */
async function batchWithPictures() {
  const spec = await api.batch(3);
  const source = api.stores.open(spec.source.kind === "prefix" ? spec.source.url : (spec.source.baseUrl ?? ""));
  const destination = api.stores.open(spec.destination.url);
  const photo = await source.put("p1.jpg", JPEG, { contentType: "image/jpeg" });
  await source.put("p0.jpg", JPEG, { contentType: "image/jpeg" });
  const metadata = {
    [RESULT_METADATA.batch]: spec.id,
    [RESULT_METADATA.sha256]: DIGEST,
    [RESULT_METADATA.fingerprint]: fingerprint({ etag: photo.etag, sizeBytes: JPEG.length }, spec.recipe),
  };
  const putResult = (marks: Readonly<Record<string, string>> = {}, contentType = "image/jpeg") =>
    destination.put("p1.jpg", JPEG, { contentType, metadata: { ...metadata, ...marks } });
  await putResult();
  await destination.put(batchKeys(spec.id).thumbnail(DIGEST, "result"), JPEG, { contentType: "image/jpeg" });
  await api.settle(spec.id, 1, "ok");
  return { spec, path: `/v1/batches/${spec.id}/portraits`, source, destination, putResult };
}

test("serves the photo, the result and the thumbnail of a portrait", async () => {
  const { path } = await batchWithPictures();
  const get = async (rest: string) => {
    const answer = await fetch(`${api.url}${path}${rest}`);
    return [answer.status, answer.headers.get("content-type"), Buffer.from(await answer.arrayBuffer()).equals(JPEG)];
  };
  expect(await get("/0/picture?of=source")).toEqual([200, "image/jpeg", true]);
  expect(await get("/1/picture?of=result")).toEqual([200, "image/jpeg", true]);
  expect(await get("/1/thumbnail?of=result")).toEqual([200, "image/jpeg", true]);
});

test("explains why there is no picture", async () => {
  const { path } = await batchWithPictures();
  expect((await api.call(`${path}/0/picture?of=result`)).body).toMatchObject({
    status: 404,
    detail: "There is no picture to show: there is no result of this portrait.",
  });
  expect((await api.call(`${path}/9/picture?of=source`)).status).toBe(404);
  expect((await api.call(`${path}/0/picture`)).status).toBe(400);
});

test("never serves a file that a browser would run", async () => {
  const { path, source, putResult } = await batchWithPictures();
  await source.put("p0.jpg", Buffer.from("<script>alert(1)</script>"), { contentType: "text/html" });
  await putResult({}, "image/svg+xml");
  for (const rest of ["/0/picture?of=source", "/1/picture?of=result"]) {
    expect((await api.call(path + rest)).body).toMatchObject({
      status: 404,
      detail: "There is no picture to show: browsers do not show its format.",
    });
  }
});

test("shows the preview of a photo whose format browsers do not show, once there is one", async () => {
  const { spec, path, source, destination, putResult } = await batchWithPictures();
  const heic = await source.put("p1.jpg", Buffer.from("a HEIC"), { contentType: "image/heic" });
  await putResult({ [RESULT_METADATA.fingerprint]: fingerprint({ etag: heic.etag, sizeBytes: 6 }, spec.recipe) });
  const before = await api.call(`${path}/1/picture?of=source`);
  expect(before.body).toMatchObject({ detail: "There is no picture to show: browsers do not show its format." });
  await destination.put(batchKeys(spec.id).thumbnail(DIGEST, "source"), JPEG, { contentType: "image/jpeg" });
  const after = await fetch(`${api.url}${path}/1/picture?of=source`);
  expect([after.status, after.headers.get("content-type")]).toEqual([200, "image/jpeg"]);
});

test("tells browsers not to guess the type and not to run anything", async () => {
  const { path } = await batchWithPictures();
  const { headers } = await fetch(`${api.url}${path}/0/picture?of=source`);
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("content-security-policy")).toContain("sandbox");
  expect(headers.get("cache-control")).toContain("private");
});

test("shows no result that another batch has replaced in the meantime, and no thumbnail of it", async () => {
  const { path, putResult } = await batchWithPictures();
  await putResult({ [RESULT_METADATA.batch]: newBatchId() });
  for (const rest of ["/1/picture?of=result", "/1/thumbnail?of=result"]) {
    expect((await api.call(path + rest)).status).toBe(404);
  }
});

test("shows no photo that replaced the one from which a result was made", async () => {
  const { path, source } = await batchWithPictures();
  expect((await api.call(`${path}/1/picture?of=source`)).status).toBe(200);
  await source.put("p1.jpg", Buffer.from("another person"), { contentType: "image/jpeg" });
  expect((await api.call(`${path}/1/picture?of=source`)).body).toMatchObject({
    status: 404,
    detail: "There is no picture to show: another photo has taken its place.",
  });
});

test("shows no old file under the name of a portrait that failed", async () => {
  const { spec, path, destination } = await batchWithPictures();
  await destination.put("p2.jpg", JPEG, { contentType: "image/jpeg", metadata: { [RESULT_METADATA.batch]: spec.id } });
  await api.settle(spec.id, 2, "no_face");
  expect((await api.call(`${path}/2/picture?of=result`)).status).toBe(404);
});

test("marks in a store give access to no other file", async () => {
  const { path, putResult } = await batchWithPictures();
  await putResult({ [RESULT_METADATA.sha256]: "../../secret" });
  expect((await api.call(`${path}/1/thumbnail?of=result`)).status).toBe(404);
});
