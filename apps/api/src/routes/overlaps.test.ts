import { expect, test } from "vitest";
import { resolveRecipe } from "@darkroom/core";
import { json, testApi } from "../../test/test-api.ts";

test("lists active batches that write where a submission would write, and marks those with the same order", async () => {
  await using api = await testApi();
  const under = (name: string) => ({ destination: { url: api.folderUrl(name) } });
  const same = await api.batch(1, under("out"));
  const other = await api.batch(1, {
    ...under("out"),
    recipe: resolveRecipe({ preset: "skin-smoothing", mode: "max" }),
  });
  const inside = await api.batch(1, under("out/team"));
  const limited = await api.batch(1, { ...under("out"), control: { pilot: 5 } });
  const budgeted = await api.batch(1, { ...under("out"), control: { maxCostUsd: 5 } });
  const elsewhere = { accounts: { "each-sense": "another-mark" }, folders: [] };
  const unable = await api.batch(1, { ...under("out"), needs: elsewhere });
  await api.batch(1, under("out2"));
  await api.end((await api.batch(1, under("out"))).id, "completed");
  const submission = {
    source: api.folderUrl("in"),
    destination: api.folderUrl("out"),
    recipe: { preset: "skin-smoothing", mode: "eco" },
  };
  const { status, body } = await api.call("/v1/overlaps", json(submission));
  expect(status, JSON.stringify(body)).toBe(200);
  const batches = body["batches"] as { id: string; sameOrder: boolean }[];
  expect(Object.fromEntries(batches.map(({ id, sameOrder }) => [id, sameOrder]))).toEqual({
    [same.id]: true,
    [other.id]: false,
    [inside.id]: false,
    [limited.id]: false,
    [budgeted.id]: true,
    [unable.id]: false,
  });
  expect(batches[0]).toMatchObject({ inFlight: 0, unattended: { missing: ["producer", "worker"] } });
  expect((await api.ledger.activeBatches()).length).toBe(7);
});

test("rejects inline rows, which no two orders share", async () => {
  await using api = await testApi();
  const submission = {
    rows: [{ source: "s3://bucket/a.jpg" }],
    destination: api.folderUrl("out"),
    recipe: { preset: "skin-smoothing", mode: "eco" },
  };
  expect(await api.call("/v1/overlaps", json(submission))).toMatchObject({ status: 400, body: { field: "rows" } });
});
