import { once } from "node:events";
import { get, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testApi, type TestApi } from "../../test/test-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

/** Returns a body as sent, which `fetch` would decompress. */
async function getRaw(url: string, headers: OutgoingHttpHeaders) {
  const [answer] = (await once(get(url, { headers }), "response")) as [IncomingMessage];
  return { encoding: answer.headers["content-encoding"], body: await buffer(answer) };
}

test("shows every portrait's state in 4 bits, the even index in the high ones", async () => {
  const { id } = await api.batch(5);
  await api.settle(id, 0, "ok");
  await api.settle(id, 3, "no_face");
  const answer = await fetch(`${api.url}/v1/batches/${id}/states`);
  expect(answer.headers.get("content-type")).toBe("application/octet-stream");
  expect(
    Buffer.from(await answer.arrayBuffer())
      .toString("hex")
      .padEnd(6, "0"),
  ).toBe("400600");
});

test("answers 304 until a state has changed", async () => {
  const { id } = await api.batch(4);
  await api.settle(id, 0, "ok");
  const states = `${api.url}/v1/batches/${id}/states`;
  const etag = (await fetch(states)).headers.get("etag") ?? "";
  const again = await fetch(states, { headers: { "if-none-match": etag } });
  expect(again.status).toBe(304);
  await api.settle(id, 1, "ok");
  const changed = await fetch(states, { headers: { "if-none-match": etag } });
  expect(changed.status).toBe(200);
  expect(changed.headers.get("etag")).not.toBe(etag);
});

test("compresses the map of a large batch", async () => {
  const { id } = await api.batch(6_000);
  await api.settle(id, 5_999, "ok");
  const raw = await getRaw(`${api.url}/v1/batches/${id}/states`, { "accept-encoding": "gzip" });
  expect(raw.encoding).toBe("gzip");
  expect(raw.body.length).toBeLessThan(200);
  const bytes = gunzipSync(raw.body);
  expect([bytes.length, bytes.at(-1)]).toEqual([3_000, 0x04]);
});

test("does not know another batch", async () => {
  expect((await api.call("/v1/batches/01j00000000000000000000000/states")).status).toBe(404);
});
