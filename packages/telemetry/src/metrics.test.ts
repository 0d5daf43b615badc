import { expect, test } from "vitest";
import { createMetrics } from "./metrics.ts";

test("two apps in one process count apart", async () => {
  const first = createMetrics();
  const second = createMetrics();
  first.portraits.inc({ outcome: "ok", provider: "each-sense", mode: "eco" }, 3);
  second.portraits.inc({ outcome: "ok", provider: "each-sense", mode: "eco" });
  const line = 'darkroom_portraits_total{outcome="ok",provider="each-sense",mode="eco"}';
  expect(await first.registry.metrics()).toContain(`${line} 3\n`);
  expect(await second.registry.metrics()).toContain(`${line} 1\n`);
});

test("every metric carries the product's name", async () => {
  const families = await createMetrics().registry.getMetricsAsJSON();
  expect(families.length).toBeGreaterThan(5);
  expect(families.map(({ name }) => name).filter((name) => !/^darkroom_[a-z_]+$/.test(name))).toEqual([]);
});
