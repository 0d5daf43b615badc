import { setTimeout as sleep } from "node:timers/promises";
import type { BatchStatus } from "@darkroom/core";
import { atMost, defineBenchmark } from "../benchmark.ts";
import { createTimedClient, type TimedClient } from "../http.ts";
import { onStage } from "../stage.ts";
import { until } from "../until.ts";

const LOOK_EVERY_MS = 20;
const STEER_EVERY_MS = 250;
/** Share of the big batch's ingest after which the batch is cancelled. */
const CANCEL_AT_SHARE = 0.9;
const TIMEOUT_MS = 300_000;

export const firstStart = defineBenchmark({
  name: "first-start",
  title: "from the submission of a very large manifest to the first provider call, and steering it meanwhile",
  sizes: { rows: 1_000_000, concurrency: 10, latencyMs: 1_000 },
  tinySizes: { rows: 5_000, concurrency: 2, latencyMs: 1_000 },
  run: ({ rows, concurrency, latencyMs }, say) =>
    onStage({ provider: "light", concurrency, latencyMs, api: true }, async (stage) => {
      const source = await stage.addManifest("big.csv", rows);
      await stage.startWorker();
      await stage.startProducer();
      const client = createTimedClient(stage.apiUrl);
      try {
        const common = {
          baseUrl: `${stage.root}in/`,
          destination: `${stage.root}out/`,
          recipe: { preset: "professional-polish", mode: "eco" },
        };
        const other = { ...common, rows: [{ source: "one.jpg", destination: "other.jpg" }] };
        const submittedAt = Date.now();
        const accepted = await client.call<BatchStatus>("POST", "/v1/batches", { ...common, source });
        const { id } = accepted.body;
        const firstAt = await until(
          async () => (await stage.light.calls()).find(({ session }) => session.includes(id))?.startedAt,
          {
            what: "the first provider call",
            timeoutMs: TIMEOUT_MS,
            everyMs: 10,
          },
        );
        say(`the first call came after ${firstAt - submittedAt} ms; steering until the end of the ingest`);
        const took = await steer(client, other, id, rows);
        const worst = (times: readonly number[]): number => Math.max(...times);
        return {
          figures: [
            { name: "first provider call", value: firstAt - submittedAt, unit: "ms", target: atMost(2_000) },
            { name: "slowest status meanwhile", value: worst(took.status), unit: "ms", target: atMost(100) },
            { name: "slowest pause or resume meanwhile", value: worst(took.pause), unit: "ms", target: atMost(100) },
            { name: "slowest cancel meanwhile", value: worst(took.cancel), unit: "ms", target: atMost(100) },
            { name: "answer to the submission", value: accepted.tookMs, unit: "ms" },
          ],
          notes: [
            `${rows.toLocaleString("en-US")} rows; over HTTP while they are ingested: ${took.status.length} × status, ${took.pause.length} × pause or resume, ${took.cancel.length} × cancel (of other batches, finally of this one).`,
          ],
        };
      } finally {
        await client.close();
      }
    }),
});

interface Times {
  readonly status: number[];
  readonly pause: number[];
  readonly cancel: number[];
}

/** Reads and controls the batch while it is ingested, and cancels the batch shortly before the ingest ends. */
async function steer(client: TimedClient, small: object, id: string, rows: number): Promise<Times> {
  const times: Times = { status: [], pause: [], cancel: [] };
  const moves = ["pause", "resume"];
  let steeredAt = -Infinity;
  for (;;) {
    const { body, tookMs } = await client.call<BatchStatus>("GET", `/v1/batches/${id}`);
    times.status.push(tookMs);
    if (performance.now() - steeredAt >= STEER_EVERY_MS) {
      steeredAt = performance.now();
      const move = moves[times.pause.length % 2] ?? "";
      times.pause.push((await client.call("POST", `/v1/batches/${id}/${move}`)).tookMs);
      const other = await client.call<BatchStatus>("POST", "/v1/batches", small);
      times.cancel.push((await client.call("POST", `/v1/batches/${other.body.id}/cancel`)).tookMs);
    }
    if (body.counts.total >= rows * CANCEL_AT_SHARE) break;
    await sleep(LOOK_EVERY_MS);
  }
  times.cancel.push((await client.call("POST", `/v1/batches/${id}/cancel`)).tookMs);
  return times;
}
