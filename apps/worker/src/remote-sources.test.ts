import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isPrivateAddress, RemoteSources } from "./remote-sources.ts";

const PHOTO = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7) % 251));
const signal = new AbortController().signal;

let server: Server;
let url: string;
let asked = 0;
const sources = new RemoteSources({ allowPrivate: true });
beforeAll(async () => {
  server = createServer((request, response) => {
    asked += 1;
    if (request.url === "/endless") {
      const more = (): void => {
        while (response.write(Buffer.alloc(1_000_000)));
        response.once("drain", more);
      };
      more();
    } else if (request.url === "/drips") {
      const timer = setInterval(() => response.write("."), 20);
      response.once("close", () => clearInterval(timer));
    } else response.writeHead(request.url === "/gone" ? 404 : 200).end(PHOTO);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await sources.close();
  server.closeAllConnections();
  server.close();
});

test("a photo on the web is told by its content, and only its ends are held", async () => {
  const photo = await sources.open(new URL(`${url}/a.jpg`), 65_536, signal);
  expect(photo.sizeBytes).toBe(PHOTO.length);
  expect(photo.etag).toBe(createHash("sha256").update(PHOTO).digest("hex").slice(0, 32));
  expect(Buffer.from(photo.firstBytes).equals(PHOTO.subarray(0, 65_536))).toBe(true);
  expect(photo.firstBytes.buffer.byteLength).toBeLessThan(PHOTO.length);
  const last = Buffer.from(await photo.lastBytes());
  expect(last.equals(PHOTO.subarray(-1_024))).toBe(true);
  expect(asked).toBe(1);
});

test("more of it, or all, is fetched when it is asked for", async () => {
  const photo = await sources.open(new URL(`${url}/a.jpg`), 1_000, signal);
  expect(Buffer.from(await photo.more(200_000)).equals(PHOTO.subarray(0, 200_000))).toBe(true);
  expect(Buffer.from(await photo.whole()).equals(PHOTO)).toBe(true);
});

test("one that does not end is given up, and one that is gone is said to be", async () => {
  await expect(sources.open(new URL(`${url}/endless`), 1_000, signal)).rejects.toMatchObject({
    code: "storage_invalid",
  });
  await expect(sources.open(new URL(`${url}/gone`), 1_000, signal)).rejects.toMatchObject({ code: "not_found" });
});

test("one that comes a byte at a time is given up, and may be tried again", async () => {
  const hasty = new RemoteSources({ allowPrivate: true, wholeMs: 200 });
  await expect(hasty.open(new URL(`${url}/drips`), 1_000, signal)).rejects.toMatchObject({
    code: "storage_unavailable",
    retryable: true,
  });
  await hasty.close();
});

test.each([
  "127.0.0.1",
  "169.254.169.254",
  "::1",
  "::ffff:10.0.0.1",
  "::ffff:7f00:1",
  "::7f00:1",
  "::ffff:0:127.0.0.1",
  "64:ff9b::a00:1",
  "64:ff9b:1::a00:1",
  "2002:7f00:1::",
  "2001:0:7f00:1::",
  "fec0::1",
  "fd00::1",
])("%s leads into a private network, or may", (address) => {
  expect(isPrivateAddress(address)).toBe(true);
});

test.each(["8.8.8.8", "::ffff:8.8.8.8", "2606:4700::1111", "2001:4860:4860::8888", "2a00:1450::1"])(
  "%s is a public address",
  (address) => {
    expect(isPrivateAddress(address)).toBe(false);
  },
);

test("nothing is fetched from a private network unless that is allowed", async () => {
  const guarded = new RemoteSources({ allowPrivate: false });
  const before = asked;
  await expect(guarded.open(new URL(`${url}/a.jpg`), 1_000, signal)).rejects.toMatchObject({
    code: "address_not_allowed",
  });
  expect(asked).toBe(before);
  await guarded.close();
});
