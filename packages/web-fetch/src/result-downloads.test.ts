import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { OddServer, whole, type Answer } from "../test/odd-server.ts";
import { MOST_REDIRECTS } from "./fetch-following.ts";
import { ResultDownloads } from "./result-downloads.ts";

const signal = new AbortController().signal;
const PICTURE = "a picture of the network inside";
const to = (location: string, status = 302) => whole(status, "moved", { location });

/** A body that ends, by its connection, before the length that was told. */
const cut: Answer = (_, response) => {
  response.writeHead(200, { "content-length": "1000" }).write("half of it");
  response.socket?.end();
};

/** A body without a length that goes on for as long as somebody reads it. */
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
  "a result at %s, in a private network, is not fetched, and gone for good",
  async (host) => {
    const downloads = new ResultDownloads();
    const before = server.asked.length;
    const download = await downloads.fetch(`http://${host}:${server.port}/result.png`, signal);
    expect(download).toEqual({ kind: "gone", message: expect.stringContaining("private network") });
    expect(server.asked).toHaveLength(before);
    await downloads.close();
  },
);

test("a provider that is in a private network itself may keep its results there", async () => {
  const download = await near.fetch(`http://localhost:${server.port}/result.png`, signal);
  expect(download).toEqual({ kind: "ok", bytes: Buffer.from(PICTURE) });
});

test.each(["/moved", "/moved-twice", "/gzip"])("the picture behind %s is found in one go", async (path) => {
  expect(await near.fetch(server.url + path, signal)).toEqual({ kind: "ok", bytes: Buffer.from(PICTURE) });
});

test("redirects end after a few", async () => {
  const before = server.asked.length;
  const download = await near.fetch(`${server.url}/loop`, signal);
  expect(download).toEqual({ kind: "failed", message: expect.stringContaining("redirects more than") });
  expect(server.asked).toHaveLength(before + MOST_REDIRECTS + 1);
});

test.each(["/to-file", "/to-nowhere", "/part", "/none", "/cut", "/broken-chunks"])(
  "what %s gives is no picture, and is worth another try",
  async (path) => {
    expect(await near.fetch(server.url + path, signal)).toMatchObject({ kind: "failed" });
  },
);

test("a server that is busy says for how long, and a picture that is not there is gone", async () => {
  expect(await near.fetch(`${server.url}/later`, signal)).toMatchObject({ kind: "failed", retryAfterMs: 7_000 });
  expect(await near.fetch(`${server.url}/gone`, signal)).toMatchObject({ kind: "gone" });
});

test.each([
  ["one byte more than may be read", "/sized", { kind: "larger", sizeBytes: PICTURE.length }],
  ["without a length that is decoded on its way", "/gzip", { kind: "larger" }],
  ["without an end", "/endless", { kind: "larger" }],
])("of a result %s nothing is kept, and its size is told where it is known", async (_, path, expected) => {
  const download = await near.fetch(`http://127.0.0.1:${server.port}${path}`, signal, PICTURE.length - 1);
  expect(download).toEqual(expected);
});

test("a result of just as many bytes as may be read is read", async () => {
  const download = await near.fetch(`http://127.0.0.1:${server.port}/gzip`, signal, PICTURE.length);
  expect(download).toMatchObject({ kind: "ok", bytes: Buffer.from(PICTURE) });
});
