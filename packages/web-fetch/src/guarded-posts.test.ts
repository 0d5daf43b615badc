import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isDarkroomError } from "@darkroom/core";
import { GuardedPosts } from "./guarded-posts.ts";
import { dnsResolver, type ResolveName } from "./resolve-name.ts";
import { startDns } from "../test/dns-server.ts";

const request = { headers: {}, body: "{}", signal: new AbortController().signal };

/** A server on all of this machine's addresses, which must never be reached. */
const inner = createServer((socket) => {
  connections += 1;
  socket.destroy();
});
let connections = 0;
let port = 0;
beforeAll(async () => {
  inner.listen(0, "::");
  await once(inner, "listening");
  ({ port } = inner.address() as AddressInfo);
});
afterAll(() => inner.close());

/** Resolves a name to one list of addresses after the other. */
function resolving(...answers: readonly (readonly string[])[]): ResolveName & { asked(): number } {
  let asked = 0;
  const resolve: ResolveName = async () => {
    const addresses = answers[Math.min(asked, answers.length - 1)] ?? [];
    asked += 1;
    return addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  };
  return Object.assign(resolve, { asked: () => asked });
}

/** Private addresses of each kind. */
const IPV4 = [
  "0.0.0.0",
  "0.1.2.3",
  "10.0.0.1",
  "10.255.255.254",
  "100.64.0.1",
  "100.127.255.254",
  "127.0.0.1",
  "127.255.255.254",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.254",
  "192.0.0.1",
  "192.0.2.1",
  "192.168.0.1",
  "192.168.255.254",
  "198.18.0.1",
  "198.51.100.1",
  "203.0.113.1",
  "224.0.0.1",
  "240.0.0.1",
  "255.255.255.255",
] as const;
const IPV6 = [
  "::",
  "::1",
  "64:ff9b::7f00:1",
  "64:ff9b:1::1",
  "100::1",
  "2001::1",
  "2001:db8::1",
  "2002:7f00:1::",
  "3fff::1",
  "5f00::1",
  "fc00::1",
  "fd12:3456::1",
  "fe80::1",
  "fec0::1",
  "ff02::1",
] as const;
const NAMES = ["localhost", "LOCALHOST", "localhost.", "a.localhost", "a.b.localhost.", "xn--a.localhost"];

/** Returns the ways to write an IPv4 address in a URL that all mean this address. */
function spellings(address: string): readonly string[] {
  const parts = address.split(".").map(Number);
  const [a = 0, b = 0, c = 0, d = 0] = parts;
  const whole = ((a * 256 + b) * 256 + c) * 256 + d;
  const hex = (value: number): string => `0x${value.toString(16)}`;
  const octal = (value: number): string => `0${value.toString(8)}`;
  return [
    address,
    `${address}.`,
    String(whole),
    hex(whole),
    octal(whole),
    parts.map(hex).join("."),
    parts.map(octal).join("."),
    `${a}.${b}.${c * 256 + d}`,
    `[::ffff:${address}]`,
    `[::ffff:${hex(a * 256 + b).slice(2)}:${hex(c * 256 + d).slice(2)}]`,
    `[::${address}]`,
  ];
}

const hosts = [...IPV4.flatMap(spellings), ...IPV6.map((address) => `[${address}]`), ...NAMES];

test(`never connects to ${hosts.length} ways to write a private address`, async () => {
  const posts = new GuardedPosts({ allowPrivate: false, wholeMs: 1_000 });
  expect(hosts.length).toBeGreaterThan(200);
  for (const host of hosts) {
    const url = new URL(`https://${host}:${port}/hooks`);
    const error: unknown = await posts.post(url, request).catch((thrown: unknown) => thrown);
    expect([host, isDarkroomError(error, "address_not_allowed")]).toEqual([host, true]);
  }
  expect(connections).toBe(0);
  await posts.close();
});

test("never connects to a name with a private address, even beside public ones", async () => {
  for (const address of [...IPV4, ...IPV6, ...IPV4.map((each) => `::ffff:${each}`)]) {
    for (const addresses of [[address], ["198.41.0.4", address], [address, "2606:4700::1111"]]) {
      const posts = new GuardedPosts({ allowPrivate: false, wholeMs: 1_000, resolve: resolving(addresses) });
      const posted = posts.post(new URL(`https://hooks.example:${port}/`), request);
      await expect(posted).rejects.toMatchObject({ code: "address_not_allowed" });
      await posts.close();
    }
  }
  expect(connections).toBe(0);
});

test("a name that is rebound after its check is refused, or its checked address is used", async () => {
  const resolve = resolving(["198.41.0.4"], ["127.0.0.1"], ["::1"]);
  const posts = new GuardedPosts({ allowPrivate: false, wholeMs: 200, resolve });
  const url = new URL(`https://hooks.example:${port}/`);
  // Resolved once for the connection, so that nothing can change between check and connection.
  await expect(posts.post(url, request)).rejects.toMatchObject({ code: "remote_unavailable" });
  expect(resolve.asked()).toBe(1);
  await expect(posts.post(url, request)).rejects.toMatchObject({ code: "address_not_allowed" });
  await expect(posts.post(url, request)).rejects.toMatchObject({ code: "address_not_allowed" });
  expect(resolve.asked()).toBe(3);
  expect(connections).toBe(0);
  await posts.close();
});

test("a DNS server that rebinds a name or mixes addresses never leads to a private one", async () => {
  const answers: readonly (readonly [string[], string[]])[] = [
    [["198.41.0.4"], []],
    [["127.0.0.1"], []],
    [["198.41.0.4", "10.0.0.1"], []],
    [["198.41.0.4"], ["::1"]],
    [[], ["fd12:3456::1"]],
    [[], ["::ffff:7f00:1"]],
  ];
  let round = 0;
  await using dns = await startDns((_, family) => answers[round]?.[family === 4 ? 0 : 1]);
  const posts = new GuardedPosts({ allowPrivate: false, wholeMs: 300, resolve: dnsResolver([dns.server]) });
  const codes: unknown[] = [];
  for (; round < answers.length; round += 1) {
    const posted = posts.post(new URL(`https://hooks.example:${port}/`), request);
    codes.push(await posted.catch((error: unknown) => isDarkroomError(error) && error.code));
  }
  expect(codes).toEqual(["remote_unavailable", ...Array<string>(5).fill("address_not_allowed")]);
  expect(connections).toBe(0);
  await posts.close();
});

test("names without an answer delay no other name of this process", async () => {
  await using dns = await startDns(() => undefined);
  const posts = new GuardedPosts({ allowPrivate: false, wholeMs: 1_000, resolve: dnsResolver([dns.server]) });
  const waiting = Array.from({ length: 64 }, (_, n) => posts.post(new URL(`https://n${n}.example/`), request));
  const began = performance.now();
  await lookup("localhost");
  // In threads, the names would occupy them for the 6 s of a lookup.
  expect(performance.now() - began).toBeLessThan(900);
  const results = await Promise.all(waiting.map((posted) => posted.catch((error: unknown) => error)));
  expect(performance.now() - began).toBeLessThan(5_000);
  for (const result of results) expect(result).toMatchObject({ code: "remote_unavailable" });
  await posts.close();
});

test("sends nothing without TLS, unless private networks are allowed", async () => {
  const posts = new GuardedPosts({ allowPrivate: false, resolve: resolving(["198.41.0.4"]) });
  const posted = posts.post(new URL("http://hooks.example/"), request);
  await expect(posted).rejects.toMatchObject({ code: "address_not_allowed", message: expect.stringContaining("TLS") });
  await posts.close();
});

test("resolves and checks the name for each request", async () => {
  const server = createHttpServer((_, response) => response.writeHead(204).end()).listen(0, "127.0.0.1");
  await once(server, "listening");
  const resolve = resolving(["127.0.0.1"]);
  const posts = new GuardedPosts({ allowPrivate: true, resolve });
  const url = new URL(`http://hooks.example:${(server.address() as AddressInfo).port}/`);
  for (let n = 1; n <= 3; n += 1) {
    expect(await posts.post(url, request)).toMatchObject({ status: 204 });
    expect(resolve.asked()).toBe(n);
  }
  await posts.close();
  server.close();
});

/** Runs a receiver for one post. */
async function answerOf(listener: RequestListener, wholeMs = 500) {
  const server = createHttpServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const posts = new GuardedPosts({ allowPrivate: true, wholeMs });
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks?token=hidden`);
  try {
    return await posts.post(url, request);
  } finally {
    await posts.close();
    server.closeAllConnections();
    server.close();
  }
}

test.each([301, 302, 303, 307, 308])("follows no redirect (%d)", async (status) => {
  const location = `http://127.0.0.1:${port}/inner`;
  expect(await answerOf((_, response) => response.writeHead(status, { location }).end())).toMatchObject({ status });
  expect(connections).toBe(0);
});

test("reads a bounded part of an endless answer, and closes its connection", async () => {
  let sent = 0;
  const closed = new Promise<void>((resolve) => {
    void answerOf((_, response) => {
      response.once("close", resolve);
      const more = (): void => {
        while (response.write(Buffer.alloc(65_536))) sent += 65_536;
        response.once("drain", more);
      };
      more();
    }).then(({ status }) => expect(status).toBe(200));
  });
  await closed;
  expect(sent).toBeLessThan(20_000_000);
});

test.each([
  ["no answer", () => undefined],
  [
    "headers byte by byte",
    (_request, response) => {
      response.socket?.write("HTTP/1.1 200 OK\r\nx-long: ");
      drip(() => response.socket?.write("a"));
    },
  ],
  [
    "a body byte by byte",
    (_request, response) => {
      response.writeHead(200);
      drip(() => response.write("."));
    },
  ],
] satisfies [string, RequestListener][])("gives up at the deadline: %s", async (_, listener) => {
  const began = performance.now();
  const error = await answerOf(listener, 300).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "remote_unavailable" });
  expect(String(error)).not.toContain("hidden");
  expect(performance.now() - began).toBeLessThan(5_000);
});

function drip(write: () => unknown): void {
  const timer = setInterval(write, 20);
  timer.unref();
  setTimeout(() => clearInterval(timer), 1_000).unref();
}

test("a receiver that cuts the connection gave no answer", async () => {
  await expect(answerOf((incoming) => void incoming.socket.destroy())).rejects.toMatchObject({
    code: "remote_unavailable",
  });
});
