import { readdir } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { BATCH_FORMAT, newBatchId, resolveRecipe } from "@darkroom/core";
import { Ledger } from "@darkroom/ledger";
import { writeSnapshotPart } from "@darkroom/manifest";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { openStores } from "@darkroom/storage";
import { createLogger } from "@darkroom/runtime";
import { tempFolder, testNamespace, testRedisUrl } from "@darkroom/testkit";
import { writeReport } from "./report.ts";

test("leaves no partial file if a report cannot be made", async () => {
  const folder = await tempFolder();
  const stores = openStores({ s3: {}, local: { roots: [folder.path], linkSecret: "test" } });
  const redis = connectRedis({ url: testRedisUrl(), name: "report-test", onError: () => undefined });
  onTestFinished(async () => {
    await Promise.all([stores.close(), closeRedis(redis)]);
    await folder.remove();
  });
  const ledger = new Ledger(redis, testNamespace());
  const id = newBatchId();
  const url = pathToFileURL(`${folder.path}/`).href;
  await ledger.create(
    {
      format: BATCH_FORMAT,
      id,
      createdAt: new Date().toISOString(),
      source: { kind: "prefix", url: `${url}in/` },
      destination: { url: `${url}out/` },
      recipe: resolveRecipe({ preset: "professional-polish", mode: "eco" }),
      lane: "twin",
      prices: {},
    },
    {},
  );
  const store = stores.open(`${url}out/`);
  await writeSnapshotPart(store, id, 0, [{ index: 0, id: "a.jpg", source: "a.jpg", destination: "a.jpg" }]);
  const fence = await ledger.beginIngest(id);
  await ledger.countPart(id, { fence, part: 0, rows: 2, rejected: [], end: {} });
  const record = await ledger.read(id);
  if (record === undefined) throw new Error("no batch");
  const log = createLogger({ level: "silent", name: "test" });
  await expect(
    writeReport(
      store,
      { ledger, log, csvSeparator: ",", openStore: stores.open, signal: AbortSignal.timeout(30_000) },
      record,
    ),
  ).rejects.toThrow(/snapshot part 0 .* is damaged/);
  const files = await readdir(folder.path, { recursive: true });
  expect(files.filter((name) => name.includes("report") || name.endsWith(".tmp"))).toEqual([]);
});
