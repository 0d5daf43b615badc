import * as fc from "fast-check";
import { expect, it, type TestContext } from "vitest";
import {
  batchKeys,
  DARKROOM_FOLDER,
  fingerprint,
  RESULT_METADATA,
  resolveRecipe,
  type ObjectStore,
  type SourceIdentity,
} from "@darkroom/core";
import { startRedis, until } from "@darkroom/testkit";
import { COLOURS, colourPhoto, madeFrom, type Colour } from "../kit/colour-photos.ts";
import { startEngine, type Engine } from "../kit/engine.ts";
import { rememberDisk } from "../kit/remember-disk.ts";

/** Increase for a longer search. A case takes half a minute, and cases run in parallel. */
const CASES = Number(process.env["DARKROOM_TEST_IDENTITY_CASES"] ?? 4);
const SEED = Number(process.env["DARKROOM_TEST_IDENTITY_SEED"] ?? 1);
/** Maximum time whose writes Redis forgets. */
const MOST_FORGOTTEN_MS = 1_000;

const RECIPES = {
  "each-sense": { preset: "professional-polish", mode: "eco" },
  phota: { provider: "phota", preset: "professional-polish" },
} as const;

const changes = fc.record({
  kind: fc.constantFrom("add first", "add last", "remove", "replace", "swap"),
  afterMs: fc.nat(900),
  pick: fc.nat(1_000),
});

const plans = fc.record({
  provider: fc.constantFrom(...(["each-sense", "phota"] as const)),
  /** True if the worker dies together with the Redis that forgets. */
  dies: fc.boolean(),
  /** True if the snapshot is also deleted. */
  losesSnapshot: fc.boolean(),
  forgottenMs: fc.integer({ min: 200, max: MOST_FORGOTTEN_MS }),
  /** Changes while Redis still records data that it later forgets. */
  before: fc.array(changes, { minLength: 1, maxLength: 3 }),
  after: fc.array(changes, { maxLength: 3 }),
});

type Plan = ReturnType<typeof planOf>;

function planOf(place: number) {
  const [plan] = fc.sample(plans, { numRuns: 1, seed: SEED * 1_000 + place });
  if (plan === undefined) throw new Error("no plan");
  // The first four cases differ in kind, for any seed.
  const [provider, dies, losesSnapshot] = (
    [
      ["each-sense", false, true],
      ["each-sense", true, false],
      ["phota", false, false],
      ["phota", true, true],
    ] as const
  )[place % 4] ?? ["each-sense", false, false];
  return place < 4 ? { ...plan, provider, dies, losesSnapshot } : plan;
}

/** The photos of a source, and all photos that ever existed. */
class ChangingSource {
  readonly #store: ObjectStore;
  readonly #colours = [...COLOURS];
  readonly #now = new Map<string, Colour>();
  /** Name → its contents over time, each with its identifying colour. */
  readonly versions = new Map<string, { readonly identity: SourceIdentity; readonly colour: Colour }[]>();
  #added = 0;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  async put(name: string, colour = this.#colours.shift()): Promise<void> {
    if (colour === undefined) return;
    await this.#store.put(name, await colourPhoto(colour), { contentType: "image/jpeg" });
    const identity = await this.#store.head(name);
    if (identity === undefined) throw new Error(`${name} is gone`);
    this.#now.set(name, colour);
    this.versions.set(name, [...(this.versions.get(name) ?? []), { identity, colour }]);
  }

  async change({ kind, pick }: Plan["before"][number]): Promise<void> {
    const names = [...this.#now.keys()].toSorted();
    const name = names[pick % names.length] ?? "m0.jpg";
    const other = names[(pick + 1) % names.length] ?? name;
    this.#added += 1;
    switch (kind) {
      case "add first":
        return await this.put(`a${this.#added}.jpg`);
      case "add last":
        return await this.put(`z${this.#added}.jpg`);
      case "replace":
        return await this.put(name);
      case "remove":
        if (names.length < 2) return;
        this.#now.delete(name);
        return await this.#store.delete(name);
      case "swap": {
        const [one, two] = [this.#now.get(name), this.#now.get(other)];
        await this.put(name, two);
        return await this.put(other, one);
      }
    }
  }
}

/** Applies changes, each some time after the previous one. */
async function changeOver(source: ChangingSource, some: Plan["before"]): Promise<void> {
  for (const change of some) {
    // The plan sets the moment, so there is no condition to wait for.
    await new Promise((resolve) => setTimeout(resolve, change.afterMs));
    await source.change(change);
  }
}

async function runPlan(plan: Plan, { onTestFinished }: TestContext): Promise<readonly string[]> {
  const redis = await startRedis();
  const engine = await startEngine({
    redisUrl: redis.url,
    workers: plan.dies ? 0 : 1,
    producer: false,
    phota: true,
    twin: { latencyMs: [300, 2_500], work: "light" },
    env: { DARKROOM_LANE_CONCURRENCY: "4" },
  });
  onTestFinished(async () => {
    await engine.close();
    await redis.close();
  });
  const source = new ChangingSource(engine.source);
  for (let place = 0; place < 6; place += 1) await source.put(`m${place}.jpg`);
  const worker = plan.dies ? await engine.spawnWorker() : undefined;
  const producer = await engine.spawnProducer();
  producer.kill("SIGSTOP");
  const batch = await engine.submit({ recipe: RECIPES[plan.provider] });
  const comeBack = await rememberDisk(redis, engine);
  producer.kill("SIGCONT");
  await until(() => Object.keys(engine.twin.ledger().calls).length > 0, { what: "a call", timeoutMs: 30_000 });
  await Promise.all([changeOver(source, plan.before), new Promise((resolve) => setTimeout(resolve, plan.forgottenMs))]);
  worker?.kill("SIGKILL");
  if (plan.losesSnapshot) {
    producer.kill("SIGSTOP");
    await clearSnapshot(engine, batch);
    producer.kill("SIGCONT");
  }
  await comeBack();
  if (plan.dies) await engine.spawnWorker();
  await changeOver(source, plan.after);
  await engine.ended(batch, 120_000);
  const delivered = (await engine.report(batch)).filter(({ state }) => state === "succeeded" || state === "skipped");
  const elsewhere = delivered.filter((line) => line["destination"] !== line.id);
  expect(elsewhere).toEqual([]);
  return await wrongFaces(engine, source, RECIPES[plan.provider]);
}

async function clearSnapshot(engine: Engine, batch: string): Promise<void> {
  for await (const { key } of engine.results.list({ prefix: batchKeys(batch).snapshotPrefix })) {
    await engine.results.delete(key);
  }
}

/** Returns results that were not made from a photo that was at their location, or not from the photo in their marks. */
async function wrongFaces(
  { results }: Engine,
  { versions }: ChangingSource,
  wished: (typeof RECIPES)[keyof typeof RECIPES],
): Promise<readonly string[]> {
  const recipe = resolveRecipe(wished);
  const wrong: string[] = [];
  let looked = 0;
  for await (const { key } of results.list()) {
    if (key.startsWith(`${DARKROOM_FOLDER}/`)) continue;
    looked += 1;
    const made = await madeFrom(results, key);
    const { [RESULT_METADATA.fingerprint]: print } = (await results.head(key))?.metadata ?? {};
    const marked = versions.get(key)?.filter(({ identity }) => fingerprint(identity, recipe) === print) ?? [];
    if (!marked.some(({ colour }) => colour.join() === made?.join())) {
      wrong.push(
        `${key} shows ${made?.join()} and is marked as ${marked.map(({ colour }) => colour.join()).join(" or ")}`,
      );
    }
  }
  expect(looked).toBeGreaterThan(0);
  return wrong;
}

it.concurrent.for(Array.from({ length: CASES }, (_, place) => [place, JSON.stringify(planOf(place))] as const))(
  "every result shows the photo that its row names: case %i, %s",
  { timeout: 240_000 },
  async ([place], test) => {
    expect(await runPlan(planOf(place), test)).toEqual([]);
  },
);
