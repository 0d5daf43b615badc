import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isPrivateAddress } from "@darkroom/core";
import { fetchFollowing } from "./fetch-following.ts";
import { NetworkGuard } from "./network-guard.ts";
import { OutgoingAgent } from "./outgoing-agent.ts";
import { RemoteSources } from "./remote-sources.ts";

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
    } else if (request.url === "/compressed.jpg") {
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(PHOTO));
    } else if (request.url === "/wants-a-name") {
      response.writeHead(request.headers["user-agent"] === undefined ? 403 : 200).end(PHOTO);
    } else if (request.url === "/moved.jpg") {
      response.writeHead(301, { location: "/a.jpg" }).end();
    } else if (request.url === "/inward") {
      response.writeHead(302, { location: "http://169.254.169.254/latest/meta-data/" }).end();
    } else if (request.url?.startsWith("/status/") === true) {
      response.writeHead(Number(request.url.slice(8)), { "retry-after": "9" }).end("words of the server");
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

test("identifies a photo on the web by its content, and keeps only its first and last bytes", async () => {
  const photo = await sources.open(new URL(`${url}/a.jpg`), { firstBytes: 65_536, lastBytes: 1_024 }, signal);
  expect(photo.sizeBytes).toBe(PHOTO.length);
  expect(photo.etag).toBe(createHash("sha256").update(PHOTO).digest("hex").slice(0, 32));
  expect(Buffer.from(photo.firstBytes).equals(PHOTO.subarray(0, 65_536))).toBe(true);
  expect(photo.firstBytes.buffer.byteLength).toBeLessThan(PHOTO.length);
  const last = Buffer.from(await photo.lastBytes());
  expect(last.equals(PHOTO.subarray(-1_024))).toBe(true);
  expect(asked).toBe(1);
});

test.each([
  ["/a.jpg", true],
  ["/moved.jpg", false],
  ["/compressed.jpg", false],
])("a link is plain if every client gets the photo's bytes directly: %s", async (path, isPlain) => {
  const photo = await sources.open(new URL(path, url), { firstBytes: 65_536, lastBytes: 1_024 }, signal);
  expect(photo.sizeBytes).toBe(PHOTO.length);
  expect(photo.hasPlainLink).toBe(isPlain);
});

test("fetches more of the photo, or all of it, on request", async () => {
  const photo = await sources.open(new URL(`${url}/a.jpg`), { firstBytes: 1_000, lastBytes: 1_024 }, signal);
  expect(Buffer.from(await photo.more(200_000)).equals(PHOTO.subarray(0, 200_000))).toBe(true);
  expect(Buffer.from(await photo.whole()).equals(PHOTO)).toBe(true);
});

test("gives up on an endless photo, and reports one that is gone", async () => {
  await expect(
    sources.open(new URL(`${url}/endless`), { firstBytes: 1_000, lastBytes: 1_024 }, signal),
  ).rejects.toMatchObject({
    code: "storage_invalid",
  });
  await expect(
    sources.open(new URL(`${url}/gone`), { firstBytes: 1_000, lastBytes: 1_024 }, signal),
  ).rejects.toMatchObject({ code: "not_found" });
});

test("gives up on a photo that arrives byte by byte, and allows a retry", async () => {
  const hasty = new RemoteSources({ allowPrivate: true, wholeMs: 200 });
  await expect(
    hasty.open(new URL(`${url}/drips`), { firstBytes: 1_000, lastBytes: 1_024 }, signal),
  ).rejects.toMatchObject({
    code: "remote_unavailable",
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
])("%s is, or may be, in a private network", (address) => {
  expect(isPrivateAddress(address)).toBe(true);
});

test.each(["8.8.8.8", "::ffff:8.8.8.8", "2606:4700::1111", "2001:4860:4860::8888", "2a00:1450::1"])(
  "%s is a public address",
  (address) => {
    expect(isPrivateAddress(address)).toBe(false);
  },
);

test("fetches nothing from a private network unless that is allowed", async () => {
  const guarded = new RemoteSources({ allowPrivate: false });
  const before = asked;
  await expect(
    guarded.open(new URL(`${url}/a.jpg`), { firstBytes: 1_000, lastBytes: 1_024 }, signal),
  ).rejects.toMatchObject({
    code: "address_not_allowed",
    retryable: false,
    message: "127.0.0.1 is in a private network, and Darkroom does not fetch from there.",
  });
  expect(asked).toBe(before);
  await guarded.close();
});

test.each(["/compressed.jpg", "/wants-a-name", "/moved.jpg"])("follows %s to the photo", async (path) => {
  const photo = await sources.open(new URL(url + path), { firstBytes: 100, lastBytes: 100 }, signal);
  expect(photo.etag).toBe(createHash("sha256").update(PHOTO).digest("hex").slice(0, 32));
});

test.each([
  [401, { code: "remote_refused", message: expect.stringContaining("asks for a login (HTTP 401)") }],
  [403, { code: "remote_refused", message: expect.stringContaining("may have expired") }],
  [404, { code: "not_found", message: expect.stringContaining("no photo under this link") }],
  [410, { code: "not_found" }],
  [418, { code: "remote_refused", retryable: false }],
  [429, { code: "remote_unavailable", retryable: true, retryAfterMs: 9_000, message: expect.stringContaining("busy") }],
  [500, { code: "remote_unavailable", retryable: true, message: expect.stringContaining("an internal error") }],
  [206, { code: "remote_unavailable", retryable: true, message: expect.stringContaining("only part of the photo") }],
  [304, { code: "remote_refused", message: expect.stringContaining("redirects without a target") }],
])("HTTP %i of a source gets its own message", async (status, fault) => {
  const asked = sources.whole(new URL(`${url}/status/${status}`), 1_000, signal);
  await expect(asked).rejects.toMatchObject(fault);
});

test("does not follow a redirect into a private network", async () => {
  // The first host is also private, because this test checks only the redirect's target.
  const guard = new NetworkGuard(false);
  const first = new URL(`${url}/inward`);
  const check = (target: URL): Promise<void> => (target.href === first.href ? Promise.resolve() : guard.check(target));
  const agent = new OutgoingAgent();
  const fetched = fetchFollowing(first, { agent, guard: { check }, signal });
  await expect(fetched).rejects.toMatchObject({ code: "address_not_allowed" });
  await agent.destroy();
});

test("checks a source before the proxy is asked for it", async () => {
  const proxy = { https: url, http: url };
  const guarded = new RemoteSources({ allowPrivate: false, proxy });
  const before = asked;
  const ends = { firstBytes: 1, lastBytes: 1 };
  for (const host of ["10.1.2.3", "[fd00::1]", "name.invalid"]) {
    await expect(guarded.open(new URL(`https://${host}/a.jpg`), ends, signal)).rejects.toMatchObject({
      code: "address_not_allowed",
    });
  }
  expect(asked).toBe(before);
  await guarded.close();
});
