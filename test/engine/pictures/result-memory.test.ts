import type { ServerResponse } from "node:http";
import { afterEach, expect, it } from "vitest";
import { until } from "@darkroom/testkit";
import { startTwin } from "@darkroom/twin";
import { startEngine, type Engine } from "../kit/engine.ts";
import { startHttpFront } from "@darkroom/testkit";
import { hasProcessMemory, peakBytes } from "../kit/process-memory.ts";

const MEBIBYTE = 1_048_576;
const MOST_MEBIBYTES = 600;
const PORTRAITS = 20;
/** Number of downloads of all portraits, after each has hit the limit for results without a length. */
const DOWNLOADS = 3 * PORTRAITS;

let engine: Engine;
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await engine?.close();
  for (const stop of stops.splice(0).reverse()) await stop();
});

if (!hasProcessMemory) console.warn("there is no /proc here: the memory of a worker is not looked at");

/** Sends bytes for as long as they are read. */
function sendWithoutEnd(response: ServerResponse, piece: Buffer): void {
  if (response.destroyed) return;
  if (response.write(piece)) setImmediate(() => sendWithoutEnd(response, piece));
  else response.once("drain", () => sendWithoutEnd(response, piece));
}

const ENDLESS = { headers: {}, says: "has no declared length" };
const HUGE = { headers: { "content-length": String(5_000 * MEBIBYTE) }, says: "has 5000 MiB" };

it.skipIf(!hasProcessMemory).each([
  ["have no end", ENDLESS],
  ["are told to be huge", HUGE],
])(
  "a worker whose results all %s stays small, and reports why it rejects them",
  { timeout: 180_000 },
  async (_, { headers, says }) => {
    const twin = await startTwin({ latencyMs: 20, work: "light" });
    stops.push(() => twin.close());
    const piece = Buffer.alloc(MEBIBYTE, 7);
    let downloads = 0;
    const front = await startHttpFront(twin.url, {
      answers: ({ url = "/" }, response) => {
        if (!url.startsWith("/cdn/")) return false;
        downloads += 1;
        response.writeHead(200, { "content-type": "image/jpeg", ...headers });
        sendWithoutEnd(response, piece);
        return true;
      },
    });
    stops.push(() => front.close());
    engine = await startEngine({
      workers: 0,
      env: { EACHLABS_BASE_URL: front.url, EACHLABS_API_KEY: twin.apiKey, DARKROOM_BACKOFF_BASE_MS: "1000" },
    });
    await engine.addPhotos(PORTRAITS);
    const worker = await engine.spawnWorker();
    const batch = await engine.submit();
    await until(() => downloads >= DOWNLOADS, { what: `${DOWNLOADS} downloads`, timeoutMs: 120_000 });
    expect((await peakBytes(worker.pid)) / MEBIBYTE).toBeLessThan(MOST_MEBIBYTES);
    expect(worker.exitCode).toBeNull();
    await until(async () => (await engine.ledger.read(batch))?.failures["result_unavailable"] !== undefined, {
      what: "a result to be given up",
      timeoutMs: 60_000,
    });
    const [detail] = (await engine.ledger.details(batch, [...Array(PORTRAITS).keys()])).values();
    expect(detail).toMatchObject({ message: expect.stringContaining(says), billed: "yes" });
  },
);
