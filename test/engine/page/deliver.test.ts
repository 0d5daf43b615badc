import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { startBrowser, until } from "@darkroom/testkit";
import { startEngine } from "../kit/engine.ts";
import { postTo } from "../kit/post-to.ts";
import { openPage, violations } from "./open-page.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
}, 300_000);
afterAll(async () => {
  await browser.close();
});

test.each(["light", "dark"] as const)(
  "delivers what is approved, and says what is left out and what is not copied (%s)",
  { timeout: 60_000 },
  async (colorScheme) => {
    const darkroom = await startEngine();
    onTestFinished(() => darkroom.close());
    await darkroom.addPhotos(5);
    const id = await darkroom.submit();
    await darkroom.ended(id);
    const page = await openPage(browser, `${darkroom.api.url}/batches/${id}`, {
      colorScheme,
      width: 390,
      expected: [400, 404],
    });
    await page.getByRole("option", { name: /p00000/ }).waitFor();
    expect(await page.getByRole("button", { name: "Deliver what is approved" }).count()).toBe(0);
    await postTo(darkroom, `/batches/${id}/reviews`, { order: "approve", indexes: [0, 1, 2] });
    await postTo(darkroom, `/batches/${id}/reviews`, { order: "reject", indexes: [3] });
    const target = darkroom.openStore(`${darkroom.root}final/`);
    await target.put("p00001.jpg", Buffer.from("a file of another"), {});
    await page.getByRole("button", { name: "Deliver what is approved" }).press("Enter");
    const dialog = page.getByRole("dialog", { name: "Deliver what is approved" });
    await dialog
      .getByText("3 approved portraits with the crops, each copied once. 1 rejected and 1 undecided are left out.")
      .waitFor();
    // The batch's own place is rejected, and the dialog stays open.
    await dialog.getByLabel("Destination").fill(`${darkroom.root}out/`);
    await page.keyboard.press("Enter");
    await dialog.getByText("This place contains the batch's results, or lies among them.").waitFor();
    expect(await violations(page)).toEqual([]);
    await dialog.getByLabel("Destination").fill(`${darkroom.root}final/`);
    await page.keyboard.press("Enter");
    await dialog.getByText("Done: 2 copied.").waitFor();
    await dialog.getByText("p00001.jpg already exists, and is not a copy of this portrait").waitFor();
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
    await dialog.getByLabel("File names (optional)").fill("team/{name}.{ext}");
    await page.keyboard.press("Enter");
    await dialog.getByText("Done: 3 copied.").waitFor();
    const there: string[] = [];
    for await (const { key } of target.list()) there.push(key);
    // The copies by the first names are gone; the file of another stays.
    expect(there.toSorted()).toEqual(["p00001.jpg", "team/p00000.jpg", "team/p00001.jpg", "team/p00002.jpg"]);
    await page.keyboard.press("Escape");
    await until(async () => (await page.getByRole("dialog").count()) === 0, { what: "the dialog to close" });
  },
);

test("retries one group of failures, for the price on its button", { timeout: 60_000 }, async () => {
  const faults = [
    { match: { portrait: "p00000", call: 1 }, fault: "no_output" as const },
    { match: { portrait: "p00001", call: 1 }, fault: "complete_error" as const },
    { match: { portrait: "p00002" }, fault: "no_face" as const },
  ];
  const darkroom = await startEngine({
    twin: { faults },
    env: { DARKROOM_PRICES: '{"each-sense":{"eco":0.05,"max":0.2}}' },
  });
  onTestFinished(() => darkroom.close());
  await darkroom.addPhotos(4);
  const id = await darkroom.submit({
    recipe: { preset: "professional-polish", mode: "eco", retry: { attempts: 1 } },
  });
  const ended = await darkroom.ended(id);
  expect(Object.keys(ended.failures).length).toBe(3);
  const page = await openPage(browser, `${darkroom.api.url}/batches/${id}`);
  const groups = page.getByRole("list", { name: "Why portraits failed" });
  await groups.getByText("another try ends the same").waitFor();
  // A group without a different outcome has no button.
  expect(await groups.getByRole("button").count()).toBe(2);
  await page.getByRole("button", { name: "Try 2 portraits again: about 0.10 USD (simulated)", exact: true }).waitFor();
  await groups
    .getByRole("button", { name: /^Try 1 portrait again: about 0.05 USD \(simulated\): .*without a picture/ })
    .press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.getByText("0.05 USD (simulated), if each is paid once more").waitFor();
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole("button", { name: "Try again" }).press("Enter");
  await until(async () => (await darkroom.ledger.read(id))?.counts.succeeded === 2, { what: "the group" });
  expect((await darkroom.ledger.read(id))?.failures["no_output"] ?? 0).toBe(0);
  expect(Object.keys((await darkroom.ended(id)).failures).length).toBe(2);
});
