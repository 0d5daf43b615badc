import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ResultDownloads } from "./result-downloads.ts";

const signal = new AbortController().signal;
let server: Server;
let port: number;
let asked = 0;
beforeAll(async () => {
  server = createServer((_, response) => {
    asked += 1;
    response.end("a picture of the network inside");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => void server.close());

test.each(["127.0.0.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "localhost"])(
  "a result at %s, in a private network, is not fetched, and gone for good",
  async (host) => {
    const downloads = new ResultDownloads();
    const before = asked;
    const download = await downloads.fetch(`http://${host}:${port}/result.png`, signal);
    expect(download).toEqual({ kind: "gone", message: expect.stringContaining("private network") });
    expect(asked).toBe(before);
    await downloads.close();
  },
);

test("a provider that is in a private network itself may keep its results there", async () => {
  const downloads = new ResultDownloads({ allowPrivate: true });
  const download = await downloads.fetch(`http://localhost:${port}/result.png`, signal);
  expect(download.kind).toBe("ok");
  await downloads.close();
});
