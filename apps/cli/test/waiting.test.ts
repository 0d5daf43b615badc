import { afterEach, expect, it } from "vitest";
import type { BatchStatus } from "@darkroom/core";
import { until } from "@darkroom/testkit";
import { startEngine, type Engine } from "./engine.ts";

let engine: Engine;
afterEach(async () => await engine.close());

async function get<T>(path: string): Promise<T> {
  return (await (await fetch(`${engine.api.url}/v1${path}`)).json()) as T;
}

it("says of a batch, and of one portrait, what they wait for, what failed and when the next look is", async () => {
  const fault = { kind: "http", status: 503, retryAfterS: 60 } as const;
  engine = await startEngine({
    twin: { faults: [{ match: { portrait: "p00001", call: 1 }, fault }] },
    env: { DARKROOM_BACKOFF_CAP_MS: "60000", DARKROOM_OUTAGE_FAILURES: "0" },
  });
  await engine.addPhotos(4);
  const id = await engine.submit();
  await engine.settledAtLeast(id, 3);
  await until(async () => (await engine.ledger.read(id))?.counts.retrying === 1, { what: "the portrait to wait" });

  const { waiting } = await get<BatchStatus>(`/batches/${id}`);
  expect(waiting).toMatchObject([{ reason: "provider_retry", count: 1, message: expect.stringContaining("503") }]);
  expect(Date.parse(waiting[0]?.nextLookAt ?? "")).toBeGreaterThan(Date.now() + 20_000);
  const portrait = await get<Record<string, unknown>>(`/batches/${id}/portraits/1`);
  expect(portrait).toMatchObject({
    state: "retrying",
    wait: { reason: "provider_retry", nextLookAt: waiting[0]?.nextLookAt },
    receipt: { lastFailure: { message: expect.stringContaining("503") } },
  });
  expect(await get(`/batches/${id}/portraits/0`)).toMatchObject({ state: "succeeded", wait: null });
});
