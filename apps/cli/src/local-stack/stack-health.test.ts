import { expect, it } from "vitest";
import { until } from "@darkroom/testkit";
import { tellHealth } from "./stack-health.ts";

it("reports once that no work is done, after several checks, and once that it continues", async () => {
  const found = [undefined, "a blip", undefined, "frozen", "frozen", "frozen", undefined, undefined];
  const told: string[] = [];
  let looks = 0;
  const stop = tellHealth(
    () => Promise.resolve(found[looks++]),
    (text) => told.push(text),
    1,
  );
  await until(() => looks > found.length, { what: "all looks" });
  stop();
  expect(told).toEqual(["No work is being done: frozen", "Work continues."]);
});
