import { expect, test } from "vitest";
import { testApi } from "../../test/test-api.ts";

test("samples are refused where a provider could be paid", async () => {
  await using api = await testApi();
  const { status, body } = await api.call("/v1/samples", { method: "POST" });
  expect([status, body["detail"]]).toEqual([409, expect.stringContaining("the simulator")]);
  expect(await api.ledger.listBatches(1)).toEqual([]);
});
