import { expect, test } from "vitest";
import { json, testApi } from "../../test/test-api.ts";

test("a retry under a budget is priced by the batch's own table, not by the API's", async () => {
  await using api = await testApi({ variables: { DARKROOM_PRICES: '{"each-sense":{"max":0.2}}' } });
  const { id } = await api.batch(1, { control: { maxCostUsd: 1 }, prices: { "each-sense": { eco: 0.05 } } });
  await api.settle(id, 0, "no_face");
  const refused = await api.call(`/v1/batches/${id}/retry`, json({ recipe: { mode: "max" } }));
  expect(refused).toMatchObject({ status: 400, body: { field: "recipe" } });
  expect(JSON.stringify(refused.body)).toContain("its price table has no price");
  expect((await api.call(`/v1/batches/${id}/retry`, json({ recipe: { prompt: "softer" } }))).status).toBe(200);
});

const painted = (color: string) => ({ recipe: { prompt: `Paint the background ${color}.` } });

test.each([
  ["the same retry replaces a round that Redis had forgotten", painted("blue"), [[1, true]]],
  [
    "another retry keeps the forgotten round's number",
    painted("red"),
    [
      [1, undefined],
      [2, undefined],
    ],
  ],
])("%s", async (_, wished, places) => {
  await using api = await testApi();
  const failed = async (): Promise<string> => {
    const { id } = await api.batch(1);
    await api.settle(id, 0, "no_face");
    return id;
  };
  const told = await failed();
  expect((await api.call(`/v1/batches/${told}/retry`, json(painted("blue")))).status).toBe(200);
  // An identical batch whose round is known only from the store.
  const id = await failed();
  await api.ledger.control.adoptRounds(id, (await api.ledger.read(told))?.rounds ?? []);
  expect((await api.call(`/v1/batches/${id}/retry`, json(wished))).status).toBe(200);
  const rounds = (await api.ledger.read(id))?.rounds ?? [];
  expect(rounds.map(({ number, again }) => [number, again])).toEqual(places);
});
