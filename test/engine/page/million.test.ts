import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { startBrowser } from "@darkroom/testkit";
import { startEngine } from "../kit/engine.ts";
import { seedBatch } from "../page-speed/seed-batch.ts";
import { openPage, violations } from "./open-page.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
}, 300_000);
afterAll(async () => {
  await browser.close();
});

test("a sheet of a million portraits opens, filters and jumps to its end", { timeout: 180_000 }, async () => {
  const darkroom = await startEngine({ producer: false, workers: 0 });
  onTestFinished(() => darkroom.close());
  const id = await seedBatch(darkroom, { portraits: 1_000_000, results: 3 });
  const states = await fetch(`${darkroom.api.url}/v1/batches/${id}/states`);
  expect(states.headers.get("content-encoding")).toBe("gzip");
  const page = await openPage(browser, `${darkroom.api.url}/batches/${id}`);
  await page.getByRole("option", { name: /p0000000/ }).waitFor();
  // Only the visible cells exist.
  expect(await page.getByRole("option").count()).toBeLessThan(200);
  await page.getByRole("listbox").focus();
  await page.keyboard.press("End");
  const last = page.getByRole("option", { name: /p0999999/ });
  await last.waitFor();
  expect(await last.getAttribute("aria-posinset")).toBe("1000000");
  await page.getByRole("button", { name: /^succeeded 3/ }).click();
  await page.getByRole("option", { name: /p0000002/ }).waitFor();
  expect(await page.getByRole("option").count()).toBe(3);
  expect(await violations(page)).toEqual([]);
  await page.getByRole("button", { name: /^all 1,000,000/ }).click();
  await page.getByRole("option", { name: /p0000010/ }).waitFor();
});
