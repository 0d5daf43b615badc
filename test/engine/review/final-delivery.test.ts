import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import { afterEach, expect, it } from "vitest";
import { until } from "@darkroom/testkit";
import { startEngine, type Engine } from "../kit/engine.ts";
import { postTo } from "../kit/post-to.ts";

let engine: Engine;
afterEach(async () => {
  await engine.close();
});

interface Delivered {
  readonly delivered: number;
  readonly unchanged: number;
  readonly removed: number;
  readonly problems: readonly { readonly index: number; readonly message: string }[];
  readonly nextCursor: number | null;
}

const NOTHING = { delivered: 0, unchanged: 0, removed: 0, problems: [] };

/** Hands over all pages to `final/`. */
async function deliver(id: string, more: object = {}): Promise<Omit<Delivered, "nextCursor">> {
  let [sum, cursor]: [Omit<Delivered, "nextCursor">, number | null] = [NOTHING, 0];
  while (cursor !== null) {
    const body = { destination: `${engine.root}final/`, cursor, ...more };
    const page: Delivered = await postTo<Delivered>(engine, `/batches/${id}/deliveries`, body);
    sum = {
      delivered: sum.delivered + page.delivered,
      unchanged: sum.unchanged + page.unchanged,
      removed: sum.removed + page.removed,
      problems: [...sum.problems, ...page.problems],
    };
    cursor = page.nextCursor;
  }
  return sum;
}

async function review(id: string, body: object): Promise<void> {
  await postTo(engine, `/batches/${id}/reviews`, body);
}

/** Returns the files at the final place: key → content. */
async function finalFiles(): Promise<ReadonlyMap<string, string>> {
  const store = engine.openStore(`${engine.root}final/`);
  const files = new Map<string, string>();
  for await (const { key } of store.list()) files.set(key, (await buffer((await store.get(key)).body)).toString("hex"));
  return files;
}

async function resultOf(key: string): Promise<string> {
  return (await buffer((await engine.results.get(key)).body)).toString("hex");
}

async function ended(count: number, more: Parameters<Engine["submit"]>[0] = {}): Promise<string> {
  engine = await startEngine();
  await engine.addPhotos(count);
  const id = await engine.submit(more);
  await engine.ended(id);
  return id;
}

it("copies approved results with their crops, follows later decisions, and keeps unrelated files", async () => {
  const id = await ended(4, {
    recipe: { preset: "professional-polish", mode: "eco", output: { deliveries: [{ name: "linkedin" }] } },
  });
  await review(id, { order: "approve", indexes: [0, 1] });
  await review(id, { order: "reject", indexes: [2] });
  expect(await deliver(id)).toEqual({ ...NOTHING, delivered: 2 });
  const files = await finalFiles();
  expect([...files.keys()]).toEqual(["linkedin/p00000.jpg", "linkedin/p00001.jpg", "p00000.jpg", "p00001.jpg"]);
  expect(files.get("p00001.jpg")).toBe(await resultOf("p00001.jpg"));
  expect(files.get("linkedin/p00001.jpg")).toBe(await resultOf("linkedin/p00001.jpg"));
  expect(await deliver(id)).toEqual({ ...NOTHING, unchanged: 2 });

  const final = engine.openStore(`${engine.root}final/`);
  await final.put("p00002.jpg", Buffer.from("a file of the client"));
  await review(id, { order: "reject", indexes: [0] });
  await review(id, { order: "approve", indexes: [2, 3] });
  const told = await deliver(id);
  expect(told).toMatchObject({ delivered: 2, unchanged: 1, removed: 1, problems: [{ index: 2 }] });
  expect([...(await finalFiles()).keys()]).toEqual([
    "linkedin/p00001.jpg",
    "linkedin/p00002.jpg",
    "linkedin/p00003.jpg",
    "p00001.jpg",
    "p00002.jpg",
    "p00003.jpg",
  ]);
  expect(Buffer.from((await finalFiles()).get("p00002.jpg") ?? "", "hex").toString()).toBe("a file of the client");
});

it("names the copies by template, never two the same, and never outside of the place", async () => {
  const id = await ended(3);
  await review(id, { order: "approve", where: {} });
  const same = await deliver(id, { template: "team/all" });
  expect(same).toMatchObject({ delivered: 1, problems: [{ index: 1 }, { index: 2 }] });
  expect(await deliver(id, { template: "team/{index}-{name}" })).toEqual({ ...NOTHING, delivered: 3 });
  expect([...(await finalFiles()).keys()]).toContain("team/2-p00002.jpg");
  for (const body of [
    { destination: `${engine.root}final/`, template: "../{name}" },
    { destination: `${engine.root}out/` },
    { destination: `${engine.root}in/` },
    { destination: `${engine.root}in/final/` },
    { destination: `${engine.root}out/final/` },
    { destination: engine.root },
    { destination: `${engine.root}out/_darkroom/x/` },
    { destination: "file:///etc/" },
    { destination: "final" },
  ]) {
    const path = `${engine.api.url}/v1/batches/${id}/deliveries`;
    const headers = { "content-type": "application/json" };
    const { status } = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
    expect([400, 403], JSON.stringify(body)).toContain(status);
  }
});

it("deletes a withdrawn copy under any earlier template, and frees its name for another portrait", async () => {
  const id = await ended(4);
  await review(id, { order: "approve", indexes: [1, 2, 3] });
  expect(await deliver(id, { template: "team/{name}" })).toEqual({ ...NOTHING, delivered: 3 });
  await review(id, { order: "reject", indexes: [1] });
  expect(await deliver(id, { template: "all/{name}" })).toEqual({ ...NOTHING, delivered: 2, removed: 1 });
  expect([...(await finalFiles()).keys()]).toEqual(["all/p00002.jpg", "all/p00003.jpg"]);

  expect(await deliver(id, { template: "one" })).toMatchObject({ delivered: 1, problems: [{ index: 3 }] });
  await review(id, { order: "reject", indexes: [2] });
  await review(id, { order: "approve", indexes: [0] });
  expect(await deliver(id, { template: "one" })).toMatchObject({ delivered: 1, removed: 1, problems: [{ index: 3 }] });
  await review(id, { order: "reject", where: {} });
  expect(await deliver(id, { template: "one" })).toMatchObject({ delivered: 0, removed: 2 });
  expect((await finalFiles()).size).toBe(0);
});

it("a result that was replaced after its approval is not handed over", async () => {
  const id = await ended(2);
  await review(id, { order: "approve", where: {} });
  const { info, body } = await engine.results.get("p00000.jpg");
  const other = await engine.results.head("p00001.jpg");
  const digest = other?.metadata["darkroom-sha256"] ?? "";
  await engine.results.put("p00000.jpg", await buffer(body), {
    metadata: { ...info.metadata, "darkroom-sha256": digest },
  });
  expect(await deliver(id)).toMatchObject({ delivered: 1, problems: [{ index: 0 }] });
  await engine.results.put("p00001.jpg", Buffer.from("other bytes"), { metadata: other?.metadata ?? {} });
  await engine.openStore(`${engine.root}final/`).delete("p00001.jpg");
  expect(await deliver(id)).toMatchObject({ delivered: 0, problems: [{ index: 0 }, { index: 1 }] });
  expect((await finalFiles()).size).toBe(0);
});

it(
  "a killed delivery has the same result when it runs again, and leaves no result that was rejected in the meantime",
  { timeout: 120_000 },
  async () => {
    const id = await ended(40);
    await review(id, { order: "approve", where: {} });
    const rejected: number[] = [];
    for (const after of [1, 7, 15, 30]) {
      const { url, child } = await engine.spawnApi();
      const path = `${url}/v1/batches/${id}/deliveries`;
      const headers = { "content-type": "application/json" };
      const body = JSON.stringify({ destination: `${engine.root}final/` });
      const killed = fetch(path, { method: "POST", headers, body }).catch(() => undefined);
      await until(async () => (await finalFiles()).size >= after, { what: `${after} files`, everyMs: 1 });
      rejected.push(after);
      await review(id, { order: "reject", indexes: [after] });
      child.kill("SIGKILL");
      await Promise.all([once(child, "exit"), killed]);
    }
    const { delivered, unchanged, problems } = await deliver(id);
    expect([delivered + unchanged, problems]).toEqual([36, []]);
    const files = await finalFiles();
    expect(files.size).toBe(36);
    for (const index of rejected) expect(files.has(`p${String(index).padStart(5, "0")}.jpg`)).toBe(false);
    for (const [key, content] of files) expect(content).toBe(await resultOf(key));
    expect(await deliver(id)).toEqual({ ...NOTHING, unchanged: 36 });
  },
);
