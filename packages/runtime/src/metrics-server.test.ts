import { expect, it } from "vitest";
import { createMetrics } from "./metrics.ts";
import { serveMetrics } from "./metrics-server.ts";

it("serves an app's metrics and health, and releases the port", async () => {
  const metrics = createMetrics();
  metrics.ingestRows.inc(7);
  const server = await serveMetrics(metrics.registry, "127.0.0.1", 0);
  const url = `http://127.0.0.1:${server.port}`;
  expect(await (await fetch(`${url}/metrics`)).text()).toContain("darkroom_ingest_rows_total 7");
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect((await fetch(`${url}/other`)).status).toBe(404);
  await server.close();
  await expect(fetch(`${url}/healthz`)).rejects.toThrow("fetch failed");
});
