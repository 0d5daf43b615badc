import { expect, test } from "vitest";
import { resolveRecipe } from "@darkroom/core";
import { json, testApi } from "../../test/test-api.ts";
import { sharesDestination } from "./shares-destination.ts";

test("names active batches with the same recipe and destination", async () => {
  await using api = await testApi();
  const recipe = resolveRecipe({ preset: "skin-smoothing", mode: "max" });
  const under = (name: string) => ({ destination: { url: api.folderUrl(name) } });
  const one = await api.batch(1, under("out"));
  const inside = await api.batch(1, under("out/team"));
  const beside = await api.batch(1, under("out2"));
  const other = await api.batch(1, { ...under("out"), recipe });
  const ended = await api.batch(1, under("out"));
  await api.end(ended.id, "completed");
  const sharing = async (id: string) => {
    const record = await api.ledger.read(id);
    return record === undefined ? undefined : await sharesDestination(api, record);
  };
  expect(await sharing(one.id)).toEqual([inside.id]);
  expect(await sharing(inside.id)).toEqual([one.id]);
  expect([await sharing(beside.id), await sharing(other.id)]).toEqual([[], []]);
});

test("includes them in the answer to a submission", async () => {
  await using api = await testApi();
  const { id } = await api.batch(1);
  const submission = {
    rows: [{ source: "s3://bucket/a.jpg" }],
    baseUrl: "s3://bucket/",
    destination: api.folderUrl("out"),
    recipe: { preset: "skin-smoothing", mode: "eco" },
  };
  const { status, body } = await api.call("/v1/batches", json(submission));
  expect([status, body["sharesDestination"]]).toEqual([201, [id]]);
});
