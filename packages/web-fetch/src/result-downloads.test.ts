import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { OddServer, whole, type Answer } from "../test/odd-server.ts";
import { MOST_REDIRECTS } from "./fetch-following.ts";
import { ResultDownloads } from "./result-downloads.ts";

const signal = new AbortController().signal;
const PICTURE = "a picture of the network inside";
const to = (location: string, status = 302) => whole(status, "moved", { location });

/** A body whose connection ends before the declared length. */
const cut: Answer = (_, response) => {
  response.writeHead(200, { "content-length": "1000" }).write("half of it");
  response.socket?.end();
};

/** An endless body without a length. */
const endless: Answer = (_, response) => {
  const more = (): void => {
    if (response.destroyed) return;
    if (response.write(Buffer.alloc(65_536, 7))) setImmediate(more);
    else response.once("drain", more);
  };
  response.writeHead(200);
  more();
};

let server: OddServer;
const near = new ResultDownloads({ allowPrivate: true, timeoutMs: 5_000 });
beforeAll(async () => {
  server = await OddServer.start({
    "/result.png": whole(200, PICTURE),
    "/moved": to("result.png"),
    "/moved-twice": to("/moved", 307),
    "/loop": to("/loop"),
    "/to-file": to("file:///etc/passwd"),
    "/to-nowhere": whole(302),
    "/gzip": whole(200, gzipSync(PICTURE), { "content-encoding": "gzip" }),
    "/part": whole(206, PICTURE, { "content-range": "bytes 0-9/31" }),
    "/none": whole(204),
    "/later": whole(503, "", { "retry-after": "7" }),
    "/gone": whole(404),
    "/cut": cut,
    "/endless": endless,
    "/sized": whole(200, PICTURE, { "content-length": String(PICTURE.length) }),
    "/broken-chunks": (_, response) => {
      response.writeHead(200, { "transfer-encoding": "chunked" }).write("half of it");
      response.socket?.destroySoon();
    },
  });
});
afterAll(async () => {
  await near.close();
  await server.close();
});

test.each(["127.0.0.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "localhost"])(
  "a result at %s, in a private network, is not fetched and counts as gone for good",
  async (host) => {
    const downloads = new ResultDownloads();
    const before = server.asked.length;
    const download = await downloads.fetch(`http://${host}:${server.port}/result.png`, signal);
    expect(download).toEqual({ kind: "gone", message: expect.stringContaining("private network") });
    expect(server.asked).toHaveLength(before);
    await downloads.close();
  },
);

test("a provider in a private network may keep its results there", async () => {
  const download = await near.fetch(`http://localhost:${server.port}/result.png`, signal);
  expect(download).toEqual({ kind: "ok", bytes: Buffer.from(PICTURE) });
});

test.each(["/moved", "/moved-twice", "/gzip"])("fetches the picture behind %s in one call", async (path) => {
  expect(await near.fetch(server.url + path, signal)).toEqual({ kind: "ok", bytes: Buffer.from(PICTURE) });
});

test("stops after a few redirects", async () => {
  const before = server.asked.length;
  const download = await near.fetch(`${server.url}/loop`, signal);
  expect(download).toEqual({ kind: "failed", message: expect.stringContaining("redirects more than") });
  expect(server.asked).toHaveLength(before + MOST_REDIRECTS + 1);
});

test.each(["/to-file", "/to-nowhere", "/part", "/none", "/cut", "/broken-chunks"])(
  "rejects what %s returns as a picture, and allows a retry",
  async (path) => {
    expect(await near.fetch(server.url + path, signal)).toMatchObject({ kind: "failed" });
  },
);

test("takes a busy server's delay, and reports a missing picture as gone", async () => {
  expect(await near.fetch(`${server.url}/later`, signal)).toMatchObject({ kind: "failed", retryAfterMs: 7_000 });
  expect(await near.fetch(`${server.url}/gone`, signal)).toMatchObject({ kind: "gone" });
});

test.each([
  ["one byte more than may be read", "/sized", { kind: "larger", sizeBytes: PICTURE.length }],
  ["without a length that is decoded on its way", "/gzip", { kind: "larger" }],
  ["without an end", "/endless", { kind: "larger" }],
])("keeps nothing of a result %s, and reports its size if known", async (_, path, expected) => {
  const download = await near.fetch(`http://127.0.0.1:${server.port}${path}`, signal, PICTURE.length - 1);
  expect(download).toEqual(expected);
});

test("reads a result that has exactly the maximum size", async () => {
  const download = await near.fetch(`http://127.0.0.1:${server.port}/gzip`, signal, PICTURE.length);
  expect(download).toMatchObject({ kind: "ok", bytes: Buffer.from(PICTURE) });
});
