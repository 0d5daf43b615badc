import { expect, test } from "vitest";
import { showBlocked, showLimits } from "./lane-metrics.ts";
import { createMetrics } from "./metrics.ts";

test("two apps in one process count separately", async () => {
  const first = createMetrics();
  const second = createMetrics();
  first.portraits.inc({ outcome: "ok", provider: "each-sense", mode: "eco" }, 3);
  second.portraits.inc({ outcome: "ok", provider: "each-sense", mode: "eco" });
  const line = 'darkroom_portraits_total{outcome="ok",provider="each-sense",mode="eco"}';
  expect(await first.registry.metrics()).toContain(`${line} 3\n`);
  expect(await second.registry.metrics()).toContain(`${line} 1\n`);
});

test("every metric starts with the product's name", async () => {
  const families = await createMetrics().registry.getMetricsAsJSON();
  expect(families.length).toBeGreaterThan(5);
  expect(families.map(({ name }) => name).filter((name) => !/^darkroom_[a-z_]+$/.test(name))).toEqual([]);
});

test("a lane is blocked for one reason at a time, and shows no rate without a limit", async () => {
  const metrics = createMetrics();
  const limits = { concurrency: 7, ratePerMinute: 42, heldUntil: 12_500 };
  showBlocked(metrics, "b", "auth");
  showBlocked(metrics, "b", "outage");
  showLimits(metrics, "b", limits, 10_000);
  const text = await metrics.registry.metrics();
  expect(text).toContain('darkroom_lane_blocked{lane="b",reason="auth"} 0\n');
  expect(text).toContain('darkroom_lane_blocked{lane="b",reason="outage"} 1\n');
  expect(text).toContain('darkroom_lane_concurrency{lane="b"} 7\n');
  expect(text).toContain('darkroom_lane_rate_per_minute{lane="b"} 42\n');
  expect(text).toContain('darkroom_lane_held_seconds{lane="b"} 2.5\n');
  showBlocked(metrics, "b", undefined);
  showLimits(metrics, "b", { ...limits, ratePerMinute: undefined, heldUntil: undefined }, 10_000);
  const after = await metrics.registry.metrics();
  expect(after).not.toMatch(/darkroom_lane_blocked\{.*\} 1/);
  expect(after).not.toContain("darkroom_lane_rate_per_minute{");
  expect(after).toContain('darkroom_lane_held_seconds{lane="b"} 0\n');
});
