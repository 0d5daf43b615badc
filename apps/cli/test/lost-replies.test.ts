import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { afterEach, expect, it } from "vitest";
import { testRedisUrl } from "@darkroom/testkit";
import { startEngine, type Engine } from "./engine.ts";

let engine: Engine;
let redis: Awaited<ReturnType<typeof startLossyRedis>>;
afterEach(async () => {
  await engine.close();
  await redis.close();
});

/** Passes commands on to the real Redis; the first that looks like `lost` is carried out, and its reply never comes. */
async function startLossyRedis(lost: RegExp) {
  const target = new URL(testRedisUrl());
  const open = new Set<Socket>();
  let cuts = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    let losing = false;
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on("data", (chunk: Buffer) => {
      if (cuts === 0 && lost.test(chunk.toString("latin1"))) {
        cuts += 1;
        losing = true;
      }
      upstream.write(chunk);
    });
    // Whatever Redis answers next comes after the command: it has been carried out.
    upstream.on("data", (chunk: Buffer) => void (losing ? client.destroy() : client.write(chunk)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get cuts() {
      return cuts;
    },
    close: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

/** "Leave the portrait retrying (3), with this receipt", by the script's hash. */
const LEAVE_RETRYING = /\r\nevalsha\r\n[^]*\$1\r\n3\r\n\$\d+\r\n\{"attempts"/;

it("a portrait whose leaving was carried out but not answered keeps its job", { timeout: 90_000 }, async () => {
  redis = await startLossyRedis(LEAVE_RETRYING);
  engine = await startEngine({ workers: 0, twin: { faults: [{ match: { call: 1 }, fault: "http" }] } });
  await engine.addPhotos(1);
  // Redis knows the script from now on, so that its hash alone is sent.
  await engine.ledger.leave("nobody's", 0, "token", "retrying");
  await engine.spawnWorker({ REDIS_URL: redis.url });
  const record = await engine.ended(await engine.submit());
  expect(redis.cuts).toBe(1);
  expect(record.counts).toMatchObject({ total: 1, succeeded: 1 });
  // The sweep for lost jobs, which comes only after half a minute, raises it.
  expect(record.epoch).toBe(0);
});
