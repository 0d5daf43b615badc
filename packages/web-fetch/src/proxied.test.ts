import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { OddServer, whole } from "../test/odd-server.ts";
import { GuardedPosts } from "./guarded-posts.ts";
import { OutgoingAgent } from "./outgoing-agent.ts";
import { ResultDownloads } from "./result-downloads.ts";

const signal = new AbortController().signal;

/** Starts a proxy that sends every host to one server, and records the requests. */
async function startProxy(port: number) {
  const lines: string[] = [];
  const proxy = await OddServer.start({
    "*": (incoming, response) => {
      const { method = "", url = "" } = incoming;
      lines.push(`${method} ${url} ${incoming.headers["proxy-authorization"] ?? ""}`.trim());
      const { pathname, search } = new URL(url);
      const onward = request({ host: "127.0.0.1", port, method, path: pathname + search, headers: incoming.headers });
      onward.on("response", (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      incoming.pipe(onward);
    },
  });
  proxy.server.on("connect", ({ url = "" }, socket) => {
    lines.push(`CONNECT ${url}`);
    if (url.startsWith("forbidden.")) return void socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    const onward = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      socket.pipe(onward).pipe(socket);
    });
    for (const end of [socket, onward]) end.on("error", () => undefined);
  });
  return { url: proxy.url, lines, close: () => proxy.close() };
}

let server: OddServer;
let proxy: Awaited<ReturnType<typeof startProxy>>;
beforeEach(async () => {
  server = await OddServer.start({ "/x": whole(200, "found") });
  proxy = await startProxy(server.port);
});
afterEach(async () => {
  await proxy.close();
  await server.close();
});

test("a request goes through the proxy unchanged, with the proxy's credentials", async () => {
  const http = proxy.url.replace("//", "//me:secret@");
  const agent = new OutgoingAgent({ proxy: { http } });
  const { body } = await agent.request({ origin: "http://provider.test", path: "/x", method: "GET" });
  expect(await body.text()).toBe("found");
  expect(proxy.lines).toEqual([`GET http://provider.test/x Basic ${btoa("me:secret")}`]);
  expect(server.asked[0]?.headers).toMatchObject({ host: "provider.test", "accept-encoding": "identity" });
  await agent.destroy();
});

test("results are fetched through the proxy, except from exempt hosts", async () => {
  const downloads = new ResultDownloads({ allowPrivate: true, proxy: { http: proxy.url, bypass: ["localhost"] } });
  expect(await downloads.fetch("http://cdn.test/x", signal)).toMatchObject({ kind: "ok" });
  expect(await downloads.fetch(`http://localhost:${server.port}/x`, signal)).toMatchObject({ kind: "ok" });
  expect(proxy.lines).toEqual(["GET http://cdn.test/x"]);
  await downloads.close();
});

test("webhooks are posted through the proxy, to public names only", async () => {
  const resolve = async (host: string) => [{ address: host === "inner.test" ? "10.0.0.1" : "198.41.0.4", family: 4 }];
  const posts = new GuardedPosts({ allowPrivate: false, proxy: { https: proxy.url }, resolve });
  const request = { headers: {}, body: "{}", signal };
  await expect(posts.post(new URL("https://inner.test/x"), request)).rejects.toMatchObject({
    code: "address_not_allowed",
  });
  await expect(posts.post(new URL("https://forbidden.test/x"), request)).rejects.toMatchObject({
    code: "remote_unavailable",
  });
  expect(proxy.lines).toEqual(["CONNECT forbidden.test:443"]);
  await posts.close();
  const plain = new GuardedPosts({ allowPrivate: true, proxy: { http: proxy.url } });
  expect(await plain.post(new URL("http://hooks.test/x"), request)).toMatchObject({ status: 200 });
  expect(proxy.lines.at(-1)).toBe("POST http://hooks.test/x");
  await plain.close();
});

test("https targets use a tunnel, and a proxy that refuses it leaves the request unsent", async () => {
  const agent = new OutgoingAgent({ proxy: { https: proxy.url } });
  const started: string[] = [];
  const failed = new Promise<Error>((resolve) => {
    agent.dispatch(
      { origin: "https://forbidden.test", path: "/x", method: "POST" },
      { onRequestStart: () => void started.push("sent"), onResponseError: (_, error) => resolve(error) },
    );
  });
  expect((await failed).message).toContain("403");
  expect(started).toEqual([]);
  expect(proxy.lines).toEqual(["CONNECT forbidden.test:443"]);
  await agent.destroy();
});

test("a target that may not be in a private network can be reached by a proxy in one", async () => {
  const agent = new OutgoingAgent({
    proxy: { http: proxy.url },
    connect: { lookup: (_host, _options, callback) => callback(new Error("no name may be resolved here"), []) },
  });
  const { body } = await agent.request({ origin: "http://provider.test", path: "/x", method: "GET" });
  expect(await body.text()).toBe("found");
  await once(body, "close");
  await agent.destroy();
});
