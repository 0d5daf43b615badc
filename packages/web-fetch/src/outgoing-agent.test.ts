import { once } from "node:events";
import type { ServerResponse } from "node:http";
import {
  brotliCompressSync,
  constants,
  createGzip,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { OddServer, whole } from "../test/odd-server.ts";
import { OutgoingAgent } from "./outgoing-agent.ts";
import { readAll } from "./read-all.ts";
import { USER_AGENT } from "./user-agent.ts";

const TEXT = Buffer.from(`${"a picture, or what says so ".repeat(20_000)}.`);
const BOMB_BYTES = 128 * 1_024 * 1_024;
const BOMB = gzipSync(Buffer.alloc(BOMB_BYTES), { level: 1 });

const encoded = (coding: string, body: Buffer) => whole(200, body, { "content-encoding": coding });

/** Starts a gzip response, flushes a part of it, and then breaks the connection. */
async function cutGzip(response: ServerResponse): Promise<void> {
  response.writeHead(200, { "content-encoding": "gzip" });
  const gzip = createGzip();
  gzip.pipe(response);
  gzip.write("this much was said");
  gzip.flush(constants.Z_SYNC_FLUSH, () => void setImmediate(() => response.destroy()));
  await once(response, "close");
}

let server: OddServer;
let agent: OutgoingAgent;
beforeEach(async () => {
  server = await OddServer.start({
    "/gzip": encoded("gzip", gzipSync(TEXT)),
    "/x-gzip": encoded("X-GZIP", gzipSync(TEXT)),
    "/br": encoded("br", brotliCompressSync(TEXT)),
    "/deflate": encoded("deflate", deflateSync(TEXT)),
    "/bare-deflate": encoded("deflate", deflateRawSync(TEXT)),
    "/zstd": encoded("zstd", zstdCompressSync(TEXT)),
    "/twice": encoded("gzip, br", brotliCompressSync(gzipSync(TEXT))),
    "/identity": encoded("identity", TEXT),
    "/empty": encoded("gzip", Buffer.alloc(0)),
    "/short": encoded("gzip", gzipSync(TEXT).subarray(0, -20)),
    "/lie": encoded("gzip", TEXT),
    "/bomb": encoded("gzip", BOMB),
    "/cut": (_, response) => void cutGzip(response),
  });
  agent = new OutgoingAgent();
});
afterEach(async () => {
  await agent.destroy();
  await server.close();
});

async function get(path: string, maxBytes = TEXT.length): Promise<Buffer> {
  const { body, headers } = await agent.request({ origin: server.url, path, method: "GET" });
  expect(headers["content-encoding"]).toBe("identity");
  return Buffer.from(await readAll(body, maxBytes));
}

test("every request has a user agent and asks for a plain answer", async () => {
  await get("/gzip");
  await (
    await agent.request({ origin: server.url, path: "/br", method: "GET", headers: { accept: "image/*" } })
  ).body.dump();
  for (const { headers } of server.asked) {
    expect(headers).toMatchObject({ "user-agent": USER_AGENT, "accept-encoding": "identity" });
  }
  expect(USER_AGENT).toMatch(/^darkroom\/\d+\.\d+\.\d+$/);
  expect(server.asked[1]?.headers["accept"]).toBe("image/*");
});

test.each(["/gzip", "/x-gzip", "/br", "/deflate", "/bare-deflate", "/zstd", "/twice", "/identity"])(
  "an answer encoded as %s is decoded",
  async (path) => {
    expect((await get(path)).equals(TEXT)).toBe(true);
  },
);

test("an empty body is empty, whatever its encoding header says", async () => {
  expect(await get("/empty")).toHaveLength(0);
});

test.each(["/short", "/lie"])("%s that does not match its encoding is an error", async (path) => {
  await expect(get(path)).rejects.toThrow(/unexpected end|incorrect header/);
});

test("bytes that arrived before a connection broke are delivered before the error", async () => {
  const seen: string[] = [];
  const broke = new Promise<Error>((resolve, reject) => {
    agent.dispatch(
      { origin: server.url, path: "/cut", method: "GET" },
      {
        onResponseData: (_, chunk) => void seen.push(chunk.toString()),
        onResponseEnd: () => reject(new Error("it did not break")),
        onResponseError: (_, error) => resolve(error),
      },
    );
  });
  expect(await broke).toMatchObject({ code: "UND_ERR_SOCKET" });
  expect(seen.join("")).toBe("this much was said");
});

test("a small answer that decodes to endless bytes stops at the reader's limit", async () => {
  const before = process.memoryUsage().rss;
  await expect(get("/bomb", 1_000_000)).rejects.toMatchObject({ code: "storage_invalid" });
  expect(process.memoryUsage().rss - before).toBeLessThan(BOMB_BYTES / 4);
});
