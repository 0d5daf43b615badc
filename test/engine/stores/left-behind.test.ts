import { afterEach, describe, expect, it } from "vitest";
import { batchKeys } from "@darkroom/core";
import { until } from "@darkroom/testkit";
import { startEngine, readText, type Engine } from "../kit/engine.ts";

let engine: Engine;
afterEach(async () => await engine.close());

const BROKEN = Buffer.from("another person's photo, broken on its way");

async function run() {
  const batch = await engine.submit();
  const record = await engine.ended(batch);
  return { batch, record, lines: await engine.report(batch) };
}

describe.each(["local", "s3"] as const)("a portrait that fails where an earlier photo has a result, %s", (store) => {
  it("reports that the earlier result still exists, until a retry replaces it", async () => {
    engine = await startEngine({ store });
    await engine.addPhotos(3, (n) => ["anna.jpg", "ben.jpg", "new.jpg"][n] ?? "");
    await engine.source.delete("new.jpg");
    expect((await run()).record.leftBehind).toEqual({});
    await engine.source.put("ben.jpg", BROKEN, { contentType: "image/jpeg" });
    await engine.source.put("new.jpg", BROKEN, { contentType: "image/jpeg" });
    const { batch, record, lines } = await run();
    expect(record.counts).toMatchObject({ skipped: 1, failed: 2 });
    expect(record.leftBehind).toEqual({ earlier_photo: 1 });
    expect(lines).toMatchObject([
      { id: "anna.jpg", leftBehind: "", warnings: [] },
      {
        id: "ben.jpg",
        outcome: "invalid_image",
        leftBehind: "earlier_photo",
        warnings: ["the destination still has the result of an earlier photo under this name"],
      },
      { id: "new.jpg", outcome: "invalid_image", leftBehind: "", warnings: [] },
    ]);
    expect(await readText(engine.results, batchKeys(batch).failuresCsv)).toContain("earlier_photo");
    const { portraits } = (await call(`/batches/${batch}/portraits?state=failed`)) as {
      portraits: readonly { id: string; leftBehind: string | null }[];
    };
    expect(portraits.map(({ id, leftBehind }) => [id, leftBehind])).toEqual([
      ["ben.jpg", "earlier_photo"],
      ["new.jpg", null],
    ]);
    expect(await call(`/batches/${batch}`)).toMatchObject({ leftBehind: { earlier_photo: 1 } });
    await engine.addPhotos(2, (n) => ["ben2.jpg", "new.jpg"][n] ?? "");
    await engine.source.put("ben.jpg", await bytesOf("ben2.jpg"), { contentType: "image/jpeg" });
    const retry = await fetch(`${engine.api.url}/v1/batches/${batch}/retry`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ codes: ["invalid_image"] }),
    });
    expect(retry.status).toBeLessThan(300);
    const again = await engine.ended(batch);
    expect(again.counts).toMatchObject({ failed: 0 });
    expect(again.leftBehind).toEqual({});
    expect(await engine.results.head(batchKeys(batch).leftBehind)).toBeUndefined();
  });
});

it("reports the files at the keys of portraits that a cancelled batch never started", async () => {
  engine = await startEngine();
  await engine.addPhotos(3, (n) => ["a.jpg", "b.jpg", "c.jpg"][n] ?? "");
  await run();
  await engine.source.put("a.jpg", await bytesOf("b.jpg"), { contentType: "image/jpeg" });
  await engine.source.delete("c.jpg");
  await engine.addPhotos(1, () => "d.jpg");
  const batch = await engine.submit({ confirm: true });
  await until(async () => (await engine.ledger.read(batch))?.state === "awaiting_confirmation", { what: "the source" });
  await fetch(`${engine.api.url}/v1/batches/${batch}/cancel`, { method: "POST" });
  expect((await engine.ended(batch)).leftBehind).toEqual({ earlier_photo: 1 });
  expect(await engine.report(batch)).toMatchObject([
    { id: "a.jpg", state: "cancelled", leftBehind: "earlier_photo" },
    // The photo is unchanged, and the destination has its result.
    { id: "b.jpg", state: "cancelled", leftBehind: "" },
    { id: "d.jpg", state: "cancelled", leftBehind: "" },
  ]);
});

async function call(path: string): Promise<unknown> {
  return await (await fetch(`${engine.api.url}/v1${path}`)).json();
}

async function bytesOf(key: string): Promise<Buffer> {
  return Buffer.concat((await (await engine.source.get(key)).body.toArray()) as Buffer[]);
}
