import { afterEach, describe, expect, it } from "vitest";
import { batchKeys } from "@darkroom/core";
import { readText, startEngine, type Engine } from "../kit/engine.ts";

let engine: Engine;
afterEach(async () => await engine.close());

describe.each(["local", "s3"] as const)("the main path on %s", (store) => {
  it("enhances a prefix, and pays for nothing when the same order is repeated", async () => {
    engine = await startEngine({ store });
    const keys = await engine.addPhotos(12);
    const first = await engine.submit();
    const record = await engine.ended(first);
    expect(record.state).toBe("completed");
    expect(record.counts).toMatchObject({ total: 12, succeeded: 12 });
    for (const key of keys) {
      const [before, after] = await Promise.all([engine.source.head(key), engine.results.head(key)]);
      expect(after?.metadata["darkroom-batch"]).toBe(first);
      expect(after?.metadata["darkroom-fingerprint"]).toMatch(/^[0-9a-f]{64}$/);
      expect(after?.etag).not.toBe(before?.etag);
    }
    const lines = await engine.report(first);
    expect(lines.map(({ index }) => index)).toEqual(keys.map((_, index) => index));
    expect(lines.every(({ outcome, billed }) => outcome === "ok" && billed === "yes")).toBe(true);
    expect(engine.twin.ledger().billed).toBe(12);

    const second = await engine.ended(await engine.submit());
    expect(second.counts).toMatchObject({ total: 12, skipped: 12 });
    expect((await engine.report(second.spec.id)).map(({ outcome }) => outcome)).toEqual(
      keys.map(() => "already_delivered"),
    );
    expect(engine.twin.ledger().billed).toBe(12);
  });

  it("accepts a CSV with BOM and semicolons, and copies its columns to the report", async () => {
    engine = await startEngine({ store });
    await engine.addPhotos(3);
    const csv =
      '\uFEFFsource;id;department\r\np00000.jpg;ada;engineering\r\np00001.jpg;bob;"sales; north"\r\nnope.jpg;cy;design\r\n';
    await engine.source.put("team.csv", Buffer.from(csv));
    const record = await engine.ended(
      await engine.submit({ source: `${engine.root}in/team.csv`, template: "{department}/{id}.jpg" }),
    );
    expect(record.state).toBe("completed_with_failures");
    expect(record.failures).toEqual({ source_missing: 1 });
    const lines = await engine.report(record.spec.id);
    expect(lines.map(({ id, outcome, department }) => [id, outcome, department])).toEqual([
      ["ada", "ok", "engineering"],
      ["bob", "ok", "sales; north"],
      ["cy", "source_missing", "design"],
    ]);
    expect(await engine.results.head("sales; north/bob.jpg")).toBeDefined();
    const report = await readText(engine.results, batchKeys(record.spec.id).reportCsv);
    expect(report.split("\n")[0]).toBe(
      "\ufeffid,source,state,message,outcome,destination,warnings,undelivered,leftBehind,review,question,retryable,billed,simulated,costUsd,lostUsd,maybeUsd,index,attempts,round,providerMs,distance,likeness,findings,c2pa,marked,variations,deliveries,knownSubjects,lane,department",
    );
    expect(report.trim().split("\n")).toHaveLength(4);
    const failures = await readText(engine.results, batchKeys(record.spec.id).failuresCsv);
    expect(failures.trim().split("\n")).toHaveLength(2);
  });

  it("accepts inline rows, and fails the bad ones with their line and reason", async () => {
    engine = await startEngine({ store });
    await engine.addPhotos(2);
    const rows = [
      { source: "p00000.jpg" },
      { source: "" },
      { source: "p00001.jpg", mode: "turbo" },
      { source: "../p00001.jpg" },
    ];
    const record = await engine.ended(await engine.submit({ rows, baseUrl: `${engine.root}in/`, skipBadRows: true }));
    expect(record.counts).toMatchObject({ total: 4, succeeded: 1, failed: 3 });
    const lines = await engine.report(record.spec.id);
    expect(lines.map(({ outcome }) => outcome)).toEqual(["ok", "invalid_row", "invalid_row", "invalid_row"]);
    expect(lines[2]?.message).toMatch(/line 3.*mode/);
  });
});
