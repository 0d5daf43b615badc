import { afterEach, expect, it } from "vitest";
import { until } from "@darkroom/testkit";
import { startEngine, type Engine } from "../kit/engine.ts";

let engine: Engine;
afterEach(() => engine.close());

it(
  "a worker that was frozen while it fetched a result does not overwrite what another one has stored",
  { timeout: 180_000 },
  async () => {
    engine = await startEngine({
      workers: 0,
      twin: { faults: [{ fault: { kind: "slow_download", downloadMs: 3_000 } }] },
    });
    const [name = ""] = await engine.addPhotos(1);
    const frozen = await engine.spawnWorker();
    const batch = await engine.submit();
    await until(() => engine.twin.stats().openDownloads === 1, { what: "a download", timeoutMs: 30_000 });
    frozen.kill("SIGSTOP");
    const other = await engine.spawnWorker();
    await engine.ended(batch, 90_000);
    other.kill("SIGKILL");
    // In the meantime, a user has edited the result.
    await engine.results.put(name, Buffer.from("retouched"));
    frozen.kill("SIGCONT");
    // From here on the worker runs again, and finishes the work that it held.
    const next = await engine.submit({ destination: `${engine.root}next/` });
    expect((await engine.ended(next, 60_000)).counts).toMatchObject({ total: 1, succeeded: 1 });
    const { body } = await engine.results.get(name);
    expect(Buffer.concat((await body.toArray()) as Buffer[]).toString()).toBe("retouched");
  },
);
