import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { answer, dropped, FaultServer } from "../test/fault-server.ts";
import { base64Body } from "./base64-body.ts";
import { Deadline } from "./deadline.ts";
import { exchange, type Exchange } from "./exchange.ts";
import { createHttpAgent } from "./http-agent.ts";
import type { PictureBytes } from "./provider.ts";
import { BodyUnreadable, type StreamedBody } from "./streamed-body.ts";

const agent = createHttpAgent();
let server: FaultServer;
beforeEach(async () => {
  server = await FaultServer.start();
});
afterEach(async () => await server.close());

async function post(body: StreamedBody, origin = server.url): Promise<Exchange> {
  const signal = new AbortController().signal;
  const deadline = new Deadline({ deadlineMs: 20_000, idleMs: 20_000, signal });
  const headers = { "content-type": "application/json" };
  try {
    return await exchange(agent, { method: "POST", origin, path: "/enhance", headers, body }, deadline);
  } finally {
    deadline.close();
  }
}

function picture(chunks: readonly Uint8Array[], sizeBytes?: number): PictureBytes {
  const held = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  return { sizeBytes: sizeBytes ?? held, open: async () => Readable.from(chunks) };
}

describe("a picture within the request", () => {
  it.each([[[0]], [[1]], [[2]], [[3]], [[1, 1, 1, 4]], [[2, 0, 100_001, 1]], [[300_000]]])(
    "arrives as base64, in any chunk sizes: %j",
    async (sizes) => {
      server.plan(answer(200, {}));
      const chunks = sizes.map((size, at) => Uint8Array.from({ length: size }, (_, index) => (index * 7 + at) & 0xff));
      const body = base64Body("image", picture(chunks), { prompt: 'ä „quoted"', n: 1 });
      expect(await post(body)).toMatchObject({ kind: "answered", head: { status: 200 } });
      const [seen] = server.requests;
      expect(seen?.headers["content-length"]).toBe(String(body.sizeBytes));
      expect(seen?.headers["transfer-encoding"]).toBeUndefined();
      const image = Buffer.concat(chunks).toString("base64");
      expect(JSON.parse(seen?.body ?? "")).toEqual({ image, prompt: 'ä „quoted"', n: 1 });
    },
  );

  it("is read while it is sent, and never held whole", async () => {
    const [pieces, pieceBytes] = [1_024, 64 * 1_024];
    let read = 0;
    let received = 0;
    let furthestAhead = 0;
    const sink = createServer((request, response) => {
      request.on("data", (chunk: Buffer) => {
        received += chunk.length;
        furthestAhead = Math.max(furthestAhead, (read * 4) / 3 - received);
      });
      request.on("end", () => response.end("{}"));
    }).listen(0, "127.0.0.1");
    await once(sink, "listening");
    const open = async (): Promise<Readable> =>
      Readable.from(
        (function* () {
          for (let at = 0; at < pieces; at += 1) {
            read += pieceBytes;
            yield Buffer.alloc(pieceBytes, at);
          }
        })(),
      );
    const body = base64Body("image", { sizeBytes: pieces * pieceBytes, open }, {});
    const result = await post(body, `http://127.0.0.1:${(sink.address() as AddressInfo).port}`);
    expect(result).toMatchObject({ kind: "answered" });
    expect(received).toBe(body.sizeBytes);
    expect(furthestAhead).toBeLessThan(body.sizeBytes / 2);
    sink.close();
  });

  it.each([
    ["is shorter than declared", picture([Buffer.alloc(10)], 300_000)],
    ["is longer than declared", picture([Buffer.alloc(300_000)], 10)],
    ["cannot be opened", { sizeBytes: 5, open: () => Promise.reject(new Error("no such photo")) }],
    [
      "cannot be read to its end",
      {
        sizeBytes: 200_000,
        open: async () =>
          Readable.from(
            (function* () {
              yield Buffer.alloc(100_000);
              throw new Error("the disk is gone");
            })(),
          ),
      },
    ],
  ])("that %s cannot have arrived, and is distinguished from network errors", async (_, broken) => {
    server.plan(answer(200, {}));
    const result = await post(base64Body("image", broken, {}));
    expect(result).toMatchObject({ kind: "failed", sent: false, error: expect.any(BodyUnreadable) });
    expect(server.requests).toEqual([]);
  });

  it("may have arrived when the connection breaks after its last byte", async () => {
    server.plan(dropped);
    const result = await post(base64Body("image", picture([Buffer.alloc(50_000)]), {}));
    expect(result).toMatchObject({ kind: "failed", sent: true });
    expect(server.requests).toHaveLength(1);
  });

  it("cannot have arrived when the connection breaks before its last byte", async () => {
    const rude = createServer((request) => request.socket.destroy()).listen(0, "127.0.0.1");
    await once(rude, "listening");
    const endless = async (): Promise<Readable> =>
      Readable.from(
        (async function* () {
          for (let at = 0; at < 100; at += 1) {
            yield Buffer.alloc(10_000);
            await new Promise((resolve) => setTimeout(resolve, 5));
          }
        })(),
      );
    const body = base64Body("image", { sizeBytes: 1_000_000, open: endless }, {});
    const result = await post(body, `http://127.0.0.1:${(rude.address() as AddressInfo).port}`);
    expect(result).toMatchObject({ kind: "failed", sent: false });
    rude.close();
  });
});
