import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { utcDay, type Costs } from "@darkroom/core";
import { CostBook } from "@darkroom/ledger";
import { json, testApi, type TestApi } from "../../test/test-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
  const book = new CostBook(api.redis, api.settings.redis.namespace);
  const spent = { costUsd: 0.2, lostUsd: 0.1, maybeUsd: 0 };
  await book.note({ id: "one" }, [
    { day: "2026-11-19", lane: "a", ...spent },
    { day: "2026-11-20", lane: "b", ...spent },
  ]);
  await book.note({ id: "two" }, [{ day: "2026-11-20", lane: "a", ...spent, maybeUsd: 0.5 }]);
});
afterAll(async () => await api[Symbol.asyncDispose]());

async function costs(query: string): Promise<Costs> {
  const { status, body } = await api.call(`/v1/costs?${query}`);
  expect(status).toBe(200);
  return body as unknown as Costs;
}

describe("GET /v1/costs", () => {
  it("sums the requested days, grouped by day by default", async () => {
    expect(await costs("from=2026-11-19&to=2026-11-20")).toEqual({
      from: "2026-11-19",
      to: "2026-11-20",
      by: "day",
      total: { costUsd: 0.6, lostUsd: 0.3, maybeUsd: 0.5 },
      rows: [
        { name: "2026-11-19", costUsd: 0.2, lostUsd: 0.1, maybeUsd: 0 },
        { name: "2026-11-20", costUsd: 0.4, lostUsd: 0.2, maybeUsd: 0.5 },
      ],
    });
    expect((await costs("from=2026-11-20&to=2026-11-20&by=lane")).rows.map(({ name }) => name)).toEqual(["a", "b"]);
    expect((await costs("from=2026-11-19&to=2026-11-20&by=batch")).rows).toEqual([
      { name: "one", costUsd: 0.4, lostUsd: 0.2, maybeUsd: 0 },
      { name: "two", costUsd: 0.2, lostUsd: 0.1, maybeUsd: 0.5 },
    ]);
  });

  it("includes the simulator's lanes only on request", async () => {
    const book = new CostBook(api.redis, api.settings.redis.namespace);
    await book.note({ id: "trial" }, [
      { day: "2026-10-01", lane: "twin-phota", costUsd: 6.4, lostUsd: 0, maybeUsd: 0 },
    ]);
    const day = "from=2026-10-01&to=2026-10-01";
    expect((await costs(day)).rows).toEqual([]);
    expect((await costs(`${day}&simulated=true`)).total).toMatchObject({ costUsd: 6.4 });
  });

  it("returns thirty days up to the last one by default", async () => {
    expect(await costs("to=2026-12-18")).toMatchObject({ from: "2026-11-19", rows: [{}, {}] });
    expect(await costs("to=2026-12-19")).toMatchObject({ from: "2026-11-20", rows: [{}] });
  });

  it.each([
    ["from=2026-11-21&to=2026-11-20", "from (2026-11-21) must not be after to (2026-11-20)"],
    ["from=2025-01-01&to=2026-11-20", "at most 400 days per request"],
    ["from=yesterday", "must be a day like 2026-11-21"],
    ["from=2026-02-30", "must be a day like 2026-11-21"],
    ["by=person", "by"],
    ["until=2026-11-20", "until"],
  ])("rejects %s", async (query, said) => {
    const { status, body } = await api.call(`/v1/costs?${query}`);
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain(said);
  });

  it("includes what a batch has spent while no process works on it", async () => {
    const { id } = await api.batch(2, { control: { maxCostUsd: 1 } });
    await api.settle(id, 0, "ok", { billed: "yes", costUsd: 0.25 });
    const today = utcDay(Date.now());
    expect((await costs(`from=${today}&to=${today}&by=batch`)).rows).toEqual([
      { name: id, costUsd: 0.25, lostUsd: 0, maybeUsd: 0 },
    ]);
  });
});

describe("a budget at or below what is spent", () => {
  it.each(["paused", "running"])("is rejected for a batch that is %s, with the amount spent", async (state) => {
    const { id } = await api.batch(3, { control: { maxCostUsd: 1 } });
    await api.settle(id, 0, "ok", { billed: "yes", costUsd: 0.25, lostUsd: 0.05 });
    await api.settle(id, 1, "timeout", { billed: "maybe", costUsd: 0, maybeUsd: 0.1 });
    const move = (name: string, body = {}, headers = {}) => api.call(`/v1/batches/${id}/${name}`, json(body, headers));
    if (state === "paused") await move("pause");
    for (const [maxCostUsd, shown] of [
      [0.4, "0.4"],
      [0.3, "0.3"],
    ] as const) {
      expect(await move("resume", { maxCostUsd })).toMatchObject({
        status: 409,
        body: {
          code: "conflict",
          field: "maxCostUsd",
          detail: `A budget of ${shown} USD would pause this batch at once: 0.3 USD are spent, and up to 0.1 USD more may have been billed. Give a maxCostUsd of more than 0.4, or cancel the batch.`,
        },
      });
    }
    expect((await api.call(`/v1/batches/${id}`)).body).toMatchObject({ state, maxCostUsd: 1 });
    const raise = () => move("resume", { maxCostUsd: 0.5 }, { "idempotency-key": `raise ${state}` });
    expect(await raise()).toMatchObject({ status: 200, body: { state: "running", maxCostUsd: 0.5 } });
    await api.settle(id, 2, "ok", { billed: "yes", costUsd: 0.1 });
    // A repeated request gets the first response.
    expect(await raise()).toMatchObject({ status: 200, body: { maxCostUsd: 0.5 } });
  });
});
