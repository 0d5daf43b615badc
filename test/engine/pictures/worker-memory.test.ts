import { afterEach, expect, it } from "vitest";
import { sample, twelveMegapixels } from "@darkroom/imaging/test-pictures";
import { startEngine, type Engine } from "../kit/engine.ts";
import { hasProcessMemory, peakBytes } from "../kit/process-memory.ts";

const MEBIBYTE = 1_024 * 1_024;
const MOST_MEBIBYTES = 600;
const CONCURRENCY = 50;

let engine: Engine;
afterEach(async () => await engine?.close());

if (!hasProcessMemory) console.warn("there is no /proc here: the memory of a worker is not looked at");

it.skipIf(!hasProcessMemory)(
  "a worker with 50 concurrent portraits of 12 megapixels, mostly to be converted, stays below 600 MiB",
  async () => {
    engine = await startEngine({
      workers: 0,
      twin: { latencyMs: 2_000 },
      env: {
        DARKROOM_LANE_CONCURRENCY: String(CONCURRENCY),
        DARKROOM_DEADLINE_MS: "240000",
        DARKROOM_IDLE_MS: "240000",
        DARKROOM_LOCK_MS: "20000",
      },
    });
    const photo = await twelveMegapixels();
    const jpeg = { quality: 90 };
    const files: readonly (readonly [name: string, bytes: Buffer, share: number])[] = [
      ["plain.jpg", await photo.clone().jpeg(jpeg).toBuffer(), 15],
      ["turned.jpg", await photo.clone().withMetadata({ orientation: 6 }).jpeg(jpeg).toBuffer(), 6],
      [
        "progressive.jpg",
        await photo
          .clone()
          .withIccProfile("p3")
          .jpeg({ ...jpeg, progressive: true })
          .toBuffer(),
        5,
      ],
      ["new.webp", await photo.clone().webp({ effort: 0 }).toBuffer(), 19],
      ["phone.heic", await sample("astronaut-12mp.heic"), 5],
    ];
    for (const [name, bytes] of files) await engine.source.put(name, bytes);
    const names = files.flatMap(([name, , share]) => Array.from({ length: share }, () => name));
    const rows = names.map((source, nth) => ({
      source,
      id: `p${nth}`,
      destination: `p${(nth * 7) % names.length}.jpg`,
    }));
    const worker = await engine.spawnWorker();
    const before = await peakBytes(worker.pid);
    const record = await engine.ended(await engine.submit({ rows, baseUrl: `${engine.root}in/` }), 400_000);
    expect(record.failures).toEqual({});
    expect(record.counts.succeeded).toBe(names.length);
    const peak = await peakBytes(worker.pid);
    console.log(
      `the worker held ${Math.round(before / MEBIBYTE)} MiB before, at most ${Math.round(peak / MEBIBYTE)} MiB`,
    );
    expect(peak).toBeLessThan(MOST_MEBIBYTES * MEBIBYTE);
    expect(peak).toBeGreaterThan(before);
  },
  500_000,
);
