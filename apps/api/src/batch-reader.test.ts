import { expect, test } from "vitest";
import { limitsOfLane } from "@darkroom/config";
import { testApi } from "../test/test-api.ts";
import { BatchReader } from "./batch-reader.ts";

test("reads the batches that the API answers", async () => {
  await using api = await testApi();
  const { namespace } = api.settings.redis;
  const [ended, blocked, running] = [await api.batch(1), await api.batch(2, { lane: "other" }), await api.batch(3)];
  await api.end(ended.id, "completed");
  await api.settle(running.id, 0, "no_face", { billed: "maybe", message: "no face seen" });
  const block = { reason: "balance", since: "2026-11-01T10:00:00.000Z", message: "no balance", probes: 0 };
  await api.redis.hset(`{${namespace}:other}:lane:blocked`, { ...block, probeAt: 1_793_527_200_000 });

  const reader = new BatchReader(api.redis, namespace, (lane) => limitsOfLane(api.settings, lane));
  const read = JSON.parse(JSON.stringify(await reader.list(2))) as Record<string, unknown>;
  expect(read).toEqual((await api.call("/v1/batches?limit=2")).body);
  expect(read).toMatchObject({ batches: [{ id: running.id }, { id: blocked.id }], nextCursor: expect.any(String) });
  expect(await reader.list(2, String(read["nextCursor"]))).toMatchObject({
    batches: [{ id: ended.id }],
    nextCursor: null,
  });
  const { body } = await api.call(`/v1/batches/${blocked.id}`);
  expect(JSON.parse(JSON.stringify(await reader.status(blocked.id)))).toEqual(body);
  await expect(reader.status("01m8qwj52ta54tgja0mw4hd5x0")).rejects.toMatchObject({ code: "not_found" });
});
