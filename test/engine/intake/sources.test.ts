import { createServer } from "node:http";
import { gzipSync } from "node:zlib";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import sharp from "sharp";
import { afterEach, expect, it } from "vitest";
import { batchKeys } from "@darkroom/core";
import { CHECKED_ROWS } from "@darkroom/manifest";
import { readText, startEngine, type Engine } from "../kit/engine.ts";

let engine: Engine;
afterEach(async () => await engine.close());

const recipe = { preset: "professional-polish", mode: "eco" } as const;

it("rejects a photo that cannot be converted for the provider, before anything is paid", async () => {
  engine = await startEngine();
  const plain = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: "#a08060" } });
  const files: Record<string, Buffer> = {
    "a-text.jpg": Buffer.from("this is no picture"),
    "b-empty.jpg": Buffer.alloc(0),
    "c-tiny.jpg": await plain(40, 40).jpeg().toBuffer(),
    "d-huge.png": await plain(9_000, 66).png().toBuffer(),
    "e-gif.gif": Buffer.from("GIF89a and no picture"),
    "f-page.jpg": Buffer.from("<!doctype html><html></html>"),
    "g-cut.jpg": (await plain(300, 300).jpeg().toBuffer()).subarray(0, 60),
    "h-named-wrong.jpg": await plain(100, 120).png().toBuffer(),
  };
  for (const [key, bytes] of Object.entries(files)) await engine.source.put(key, bytes);
  const record = await engine.ended(await engine.submit());
  const outcomes = Object.fromEntries((await engine.report(record.spec.id)).map(({ id, outcome }) => [id, outcome]));
  expect(outcomes).toEqual({
    "a-text.jpg": "invalid_image",
    "b-empty.jpg": "invalid_image",
    "c-tiny.jpg": "too_small",
    "d-huge.png": "too_large",
    "e-gif.gif": "invalid_image",
    "f-page.jpg": "invalid_image",
    "g-cut.jpg": "invalid_image",
    "h-named-wrong.jpg": "ok",
  });
  expect(engine.twin.ledger().billed).toBe(1);
  expect((await engine.results.head("h-named-wrong.jpg"))?.contentType).toBe("image/jpeg");
});

it("fetches no link from a private network unless that is allowed", async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.end("secret");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  try {
    engine = await startEngine();
    const rows = [
      { source: `https://127.0.0.1:${port}/a.jpg` },
      { source: `https://localhost:${port}/b.jpg` },
      { source: `https://[::1]:${port}/c.jpg` },
    ];
    const record = await engine.ended(await engine.submit({ rows, recipe }));
    expect(record.failures).toEqual({ source_not_allowed: 3 });
    const [line] = await engine.report(record.spec.id);
    expect(line).toMatchObject({ retryable: false, billed: "no" });
    expect(line?.message).toBe("127.0.0.1 is in a private network, and Darkroom does not fetch from there.");
    expect(asked).toEqual([]);
  } finally {
    server.close();
  }
});

it("fails a batch whose source does not exist, with the reason", async () => {
  engine = await startEngine();
  const record = await engine.ended(await engine.submit({ source: `${engine.root}in/nothing.csv` }));
  expect(record.state).toBe("failed");
  expect(record.reason).toContain("nothing.csv");
});

it("rejects results that would replace the photos", async () => {
  engine = await startEngine();
  await expect(engine.submit({ destination: `${engine.root}in/` })).rejects.toThrow(/replace the photos/);
});

it("does not treat results within the source as photos", async () => {
  engine = await startEngine();
  await engine.addPhotos(2);
  const inside = { destination: `${engine.root}in/done/`, recipe };
  const first = await engine.ended(await engine.submit(inside));
  expect(first.counts).toMatchObject({ total: 2, succeeded: 2 });
  const second = await engine.ended(await engine.submit(inside));
  expect(second.counts).toMatchObject({ total: 2, skipped: 2 });
});

it("enhances a photo again when its content has changed, or where another recipe is ordered for it", async () => {
  engine = await startEngine();
  await engine.addPhotos(2);
  await engine.ended(await engine.submit());
  await engine.source.put(
    "p00000.jpg",
    await sharp({ create: { width: 90, height: 90, channels: 3, background: "#123" } })
      .jpeg()
      .toBuffer(),
  );
  const changed = await engine.ended(await engine.submit());
  expect(changed.counts).toMatchObject({ succeeded: 1, skipped: 1 });
  const order = { recipe: { ...recipe, intensity: "dramatic" } } as const;
  expect((await engine.ended(await engine.submit(order))).failures).toEqual({ destination_taken: 2 });
  const other = await engine.ended(await engine.submit({ ...order, overwrite: "other-recipe" }));
  expect(other.counts).toMatchObject({ succeeded: 2, skipped: 0 });
});

it.each([
  [2_500, false],
  [CHECKED_ROWS + 3_000, true],
])("of a source of %d rows that breaks off does what could be read: %s; and says so", async (count, does) => {
  engine = await startEngine();
  await engine.addPhotos(1);
  const rows = Array.from({ length: count }, (_, row) =>
    JSON.stringify({ source: row === 0 ? "p00000.jpg" : "", id: `r${row}` }),
  );
  const whole = gzipSync(rows.join("\n"), { level: 0 });
  await engine.source.put("cut.jsonl.gz", whole.subarray(0, whole.length - 2_000));
  const record = await engine.ended(
    await engine.submit({ source: `${engine.root}in/cut.jsonl.gz`, skipBadRows: true }),
  );
  if (!does) {
    expect(record).toMatchObject({ state: "failed", counts: { total: 0 } });
    expect(record.reason).toMatch(/damaged or truncated/);
    return;
  }
  expect(record.state).toBe("completed_with_failures");
  expect(record.counts.total).toBeGreaterThan(CHECKED_ROWS);
  expect(record.counts.succeeded).toBe(1);
  expect(record.sourceFault).toMatch(/the source ended early/);
});

it("never replaces a photo by its own result", async () => {
  engine = await startEngine();
  await engine.addPhotos(2);
  const before = await engine.source.head("p00000.jpg");
  const rows = [{ source: "p00000.jpg" }, { source: "p00001.jpg", destination: "other.jpg" }];
  const record = await engine.ended(
    await engine.submit({ rows, baseUrl: `${engine.root}in/`, destination: `${engine.root}in/` }),
  );
  expect(record.counts).toMatchObject({ succeeded: 1, failed: 1 });
  const report = await readText(engine.source, batchKeys(record.spec.id).reportJsonl);
  expect(JSON.parse(report.split("\n")[0] ?? "")).toMatchObject({ outcome: "invalid_row", billed: "no" });
  expect((await engine.source.head("p00000.jpg"))?.etag).toBe(before?.etag);
  expect(engine.twin.ledger().billed).toBe(1);
});
