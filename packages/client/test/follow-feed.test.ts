import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { ApiProblem, followFeed, openApi, type FeedMessage } from "../src/index.ts";

/** Starts an HTTP server on a free port. */
async function startServer(listener: RequestListener) {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const event = (position: number): string =>
  `id: ${position}-0\nevent: batch.started\ndata: {"sequence":${position}}\n\n`;

async function all(feed: AsyncGenerator<FeedMessage>): Promise<readonly FeedMessage[]> {
  const messages: FeedMessage[] = [];
  for await (const message of feed) messages.push(message);
  return messages;
}

test("continues after the last event when the connection is lost, and ends with the batch", async () => {
  const asked: (string | undefined)[] = [];
  await using server = await startServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization}`);
    if (asked.length === 1) {
      response.write(`event: portrait-start\ndata: {"index":1}\n\n${event(1)}${event(2)}`, () => response.destroy());
    } else if (asked.length === 2) {
      response.writeHead(503, { "content-type": "application/problem+json" }).end('{"code":"redis_unavailable"}');
    } else {
      response.end(`${event(3)}event: batch-end\ndata: {}\n\n`);
    }
  });
  const messages = await all(followFeed({ url: server.url, apiKey: "dk_1", batchId: "b1" }));
  expect(messages).toEqual([
    ...[1, 2, 3].map((n) => ({ kind: "event", position: `${n}-0`, event: { sequence: n } })),
    { kind: "end" },
  ]);
  expect(asked).toEqual([
    "/v1/batches/b1/events?after=0 Bearer dk_1",
    "/v1/batches/b1/events?after=2-0 Bearer dk_1",
    "/v1/batches/b1/events?after=2-0 Bearer dk_1",
  ]);
});

test("reports that events may be missing", async () => {
  await using server = await startServer((_, response) => {
    response.end(`event: feed.gap\ndata: {"reason":"trimmed"}\n\n${event(9)}event: batch-end\ndata: {}\n\n`);
  });
  const [first] = await all(followFeed({ url: server.url, batchId: "b1", after: "4-0" }));
  expect(first).toEqual({ kind: "gap", reason: "trimmed" });
});

test("gives up when it is refused, when there is no response for long, and when it is aborted", async () => {
  await using server = await startServer((_, response) => {
    const problem = JSON.stringify({ code: "not_found", detail: "There is no such batch.", field: "id" });
    response.writeHead(404, { "content-type": "application/problem+json" }).end(problem);
  });
  const { url } = server;
  const refused = await all(followFeed({ url, batchId: "b1" })).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ApiProblem);
  expect(refused).toMatchObject({ status: 404, code: "not_found", field: "id", message: "There is no such batch." });
  await expect(openApi({ url }).GET("/v1/batches/{id}", { params: { path: { id: "b1" } } })).rejects.toEqual(refused);
  await expect(all(followFeed({ url: "http://127.0.0.1:9", awayMs: 0 }))).rejects.toThrow(TypeError);
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(all(followFeed({ url: "http://127.0.0.1:9", signal }))).rejects.toThrow("enough");
});
