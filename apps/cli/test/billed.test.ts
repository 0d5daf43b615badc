import { afterEach, describe, expect, it } from "vitest";
import type { FaultKind } from "@darkroom/twin";
import { startEngine, type Engine } from "./engine.ts";

let engine: Engine;
afterEach(async () => await engine.close());

/** One portrait whose calls go wrong like this, one after the other. */
async function lineAfter(faults: readonly FaultKind[], env: Record<string, string>) {
  engine = await startEngine({
    twin: { latencyMs: 50, faults: faults.map((fault, index) => ({ match: { call: index + 1 }, fault })) },
    env,
  });
  await engine.addPhotos(1);
  const batch = await engine.submit();
  await engine.ended(batch);
  return { line: (await engine.report(batch))[0], billed: engine.twin.ledger().billed };
}

describe("what a line says was billed", () => {
  it("is maybe when a refusal comes after a call that was paid and forgotten", async () => {
    const { line, billed } = await lineAfter(["memory_lost", "content_policy"], {
      DARKROOM_DEADLINE_MS: "2000",
      DARKROOM_IDLE_MS: "1000",
    });
    expect(billed).toBe(1);
    expect(line).toMatchObject({ outcome: "content_policy", billed: "maybe" });
  });

  it("is maybe when the last attempt was cut while the provider worked, and its memory has nothing of it", async () => {
    const { line, billed } = await lineAfter(["memory_lost"], {
      DARKROOM_ATTEMPTS: "1",
      DARKROOM_DEADLINE_MS: "2000",
      DARKROOM_IDLE_MS: "1000",
    });
    expect(billed).toBe(1);
    expect(line).toMatchObject({ outcome: "provider_error", billed: "maybe" });
  });

  it("is yes when the last attempt was cut, and the picture turns up in the provider's memory", async () => {
    const { line, billed } = await lineAfter(["cut_after_events"], { DARKROOM_ATTEMPTS: "1" });
    expect(billed).toBe(1);
    expect(line).toMatchObject({ outcome: "ok", billed: "yes" });
  });

  it("is no when the last attempt never arrived", async () => {
    engine = await startEngine({ env: { DARKROOM_ATTEMPTS: "1", EACHLABS_BASE_URL: "http://127.0.0.1:9" } });
    await engine.addPhotos(1);
    const batch = await engine.submit();
    await engine.ended(batch);
    expect((await engine.report(batch))[0]).toMatchObject({ outcome: "provider_error", billed: "no" });
  });

  it("is yes when the session was busy with something else first", async () => {
    const { line, billed } = await lineAfter(["session_busy"], {});
    expect(billed).toBe(1);
    expect(line).toMatchObject({ outcome: "ok", billed: "yes" });
  });
});
