import { setTimeout as sleep } from "node:timers/promises";
import { atMost, defineBenchmark, quantile } from "../benchmark.ts";
import { createTimedClient } from "../http.ts";
import { onStage } from "../stage.ts";
import { fillLedger } from "./memory.ts";

const PAUSE_MS = 2;
/** Requests before counting, because the first answers compile the route. */
const WARM_UP = 200;
const TIMEOUT_MS = 60_000;

export const status = defineBenchmark({
  name: "status",
  title: "GET /v1/batches/:id of a small and of a very large batch while another batch runs",
  sizes: { small: 1_000, large: 10_000_000, requests: 5_000, load: 20_000, concurrency: 50, latencyMs: 1_000 },
  tinySizes: { small: 1_000, large: 20_000, requests: 20, load: 50, concurrency: 5, latencyMs: 50 },
  run: ({ small, large, requests, load, concurrency, latencyMs }, say) =>
    onStage(
      { provider: "light", concurrency, latencyMs: latencyMs / 2, spreadMs: latencyMs, api: true },
      async (stage) => {
        const ids = { small: await fillLedger(stage.ledger, small), large: await fillLedger(stage.ledger, large) };
        say(`the ledger holds a batch of ${small} and one of ${large}`);
        const source = await stage.addManifest("load.csv", load);
        await stage.startWorker();
        await stage.startProducer();
        const running = await stage.submit({ source, baseUrl: `${stage.root}in/` });
        await stage.untilBatch(running, "it runs", TIMEOUT_MS, ({ counts }) => counts.succeeded > 0);
        const client = createTimedClient(stage.apiUrl);
        const took: Record<keyof typeof ids, number[]> = { small: [], large: [] };
        try {
          for (let round = -WARM_UP; round < requests; round += 1) {
            for (const size of ["small", "large"] as const) {
              const { tookMs } = await client.call("GET", `/v1/batches/${ids[size]}`);
              if (round >= 0) took[size].push(tookMs);
            }
            await sleep(PAUSE_MS);
          }
        } finally {
          await client.close();
        }
        const p99 = { small: quantile(took.small, 0.99), large: quantile(took.large, 0.99) };
        const named = { small: small.toLocaleString("en-US"), large: large.toLocaleString("en-US") };
        return {
          figures: [
            { name: `p99 at ${named.small} portraits`, value: p99.small, unit: "ms", target: atMost(10) },
            { name: `p99 at ${named.large} portraits`, value: p99.large, unit: "ms", target: atMost(10) },
            { name: "large against small, p99", value: p99.large / p99.small, unit: "×" },
            {
              name: "large against small, median",
              value: quantile(took.large, 0.5) / quantile(took.small, 0.5),
              unit: "×",
            },
            { name: `median at ${named.large} portraits`, value: quantile(took.large, 0.5), unit: "ms" },
          ],
          notes: [
            `${requests} requests for each, one after the other, alternating, while a batch ends about ${Math.round((concurrency / latencyMs) * 1_000)} portraits a second on the same machine.`,
          ],
        };
      },
    ),
});
