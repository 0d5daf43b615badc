import { expect, it } from "vitest";
import { until } from "@darkroom/testkit";
import { tellLacking, type LackingBatch } from "./tell-lacking.ts";

function batch(id: string, lacks: readonly string[]): LackingBatch {
  const unattended = lacks.length === 0 ? null : { missing: [], lacks, since: null, message: "It needs another key." };
  return { id, name: null, unattended };
}

it("names each batch that the stack cannot continue once, and again after it could", async () => {
  const looks = [[batch("a", []), batch("b", ["key"])], [batch("b", ["key"])], [batch("b", [])], [batch("b", ["key"])]];
  const told: string[] = [];
  let done = 0;
  const stop = tellLacking(
    () => Promise.resolve(looks[done++] ?? []),
    (text) => told.push(text),
    1,
  );
  await until(() => done > looks.length, { what: "all looks" });
  stop();
  const once = "Batch b waits: It needs another key. See: darkroom status b";
  expect(told).toEqual([once, once]);
});

it("continues after a failed check", async () => {
  const told: string[] = [];
  let done = 0;
  const stop = tellLacking(
    () => (done++ === 0 ? Promise.reject(new Error("no answer")) : Promise.resolve([batch("b", ["key"])])),
    (text) => told.push(text),
    1,
  );
  await until(() => told.length > 0, { what: "the batch to be named" });
  stop();
  expect(told).toHaveLength(1);
});
