import { afterEach, expect, it } from "vitest";
import { laneNames, laneProviders } from "@darkroom/config";
import { submissionSchema } from "@darkroom/core";
import { acceptBatch, type AcceptOptions } from "@darkroom/intake";
import { Bus } from "@darkroom/ledger";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { startEngine, type Engine } from "../kit/engine.ts";

let engine: Engine;
afterEach(async () => {
  await engine.close();
});

/** Accepts two rows, like the API does. */
async function accept(bus: Bus, options: AcceptOptions = {}) {
  const { ledger, openStore, settings, root } = engine;
  const rules = { lanes: laneNames(settings), laneProviders: laneProviders(settings) };
  const submission = submissionSchema.parse({
    rows: ["a", "b"].map((id) => ({ id, source: `${root}in/${id}.jpg` })),
    baseUrl: `${root}in/`,
    destination: `${root}out/`,
    recipe: { preset: "professional-polish", mode: "eco" },
  });
  const { prices } = settings.providers;
  return await acceptBatch(
    submission,
    { ...rules, ledger, bus, openStore, prices, breaker: settings.breaker },
    options,
  );
}

async function files(): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const { key } of engine.results.list()) keys.push(key.replace(/^_darkroom\/[^/]+\//, ""));
  return keys;
}

it("leaves no files of a submission that is rejected at the last moment", async () => {
  engine = await startEngine({ workers: 0, producer: false });
  const written: string[] = [];
  const beforeCreate = async (): Promise<void> => {
    written.push(...(await files()));
    throw new Error("somebody else has the key");
  };
  await expect(accept(engine.bus, { beforeCreate })).rejects.toThrow("somebody else has the key");
  expect(written).toEqual(["batch.json", "manifest.jsonl"]);
  expect(await files()).toEqual([]);
  expect(await engine.ledger.activeBatches()).toEqual([]);
});

it("does not reject a batch that exists but could not be published", async () => {
  engine = await startEngine({ workers: 0, producer: false });
  const gone = connectRedis({ url: engine.settings.redis.url, name: "gone", onError: () => undefined });
  await closeRedis(gone);
  const { id } = await accept(new Bus(gone, gone, engine.settings.redis.namespace));
  expect(await engine.ledger.read(id)).toMatchObject({ state: "ingesting" });
  expect(await engine.ledger.activeBatches()).toEqual([id]);
  expect(await files()).toEqual(["batch.json", "manifest.jsonl"]);
});
