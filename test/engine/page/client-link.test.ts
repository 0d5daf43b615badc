import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { startBrowser, until } from "@darkroom/testkit";
import { startEngine, type Engine } from "../kit/engine.ts";
import { openPage, violations } from "./open-page.ts";

const ROOT = "the root key";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
}, 300_000);
afterAll(async () => {
  await browser.close();
});

/** Starts an engine with an ended batch, and opens its page with the root key. */
async function operated(): Promise<{ darkroom: Engine; id: string; page: Page }> {
  const darkroom = await startEngine({ env: { DARKROOM_THUMBNAILS: "true", DARKROOM_API_KEY: ROOT } });
  onTestFinished(() => darkroom.close());
  await darkroom.addPhotos(3);
  const id = await darkroom.submit({ name: "Team Nord" });
  await darkroom.ended(id);
  const page = await openPage(browser, `${darkroom.api.url}/batches/${id}`, { expected: [401, 404] });
  await page.getByLabel("API key").fill(ROOT);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("option", { name: /p00000/ }).waitFor();
  return { darkroom, id, page };
}

/** Makes a link on the page, as an operator does. */
async function makeLink(page: Page, boxes: readonly string[]): Promise<string> {
  await page.getByRole("button", { name: "Links for clients" }).click();
  const dialog = page.getByRole("dialog", { name: "Links for clients" });
  await dialog.getByLabel("For whom").fill("Acme");
  for (const box of boxes) await dialog.getByLabel(box).check();
  await dialog.getByRole("button", { name: "Make a link" }).click();
  return await dialog.getByLabel(/shown only now/).inputValue();
}

test.each(["light", "dark"] as const)(
  "a client reviews one batch on a phone, without an account, until the link is revoked (%s)",
  { timeout: 60_000 },
  async (colorScheme) => {
    const { darkroom, id, page } = await operated();
    const url = await makeLink(page, ["May approve and reject", "May save the pictures"]);
    expect(await violations(page)).toEqual([]);
    const client = await openPage(browser, url, { colorScheme, width: 390, expected: [401, 404] });
    await client.getByRole("heading", { name: "Team Nord" }).waitFor();
    await client.getByRole("option", { name: /p00000/ }).waitFor();
    expect(client.url()).toBe(`${darkroom.api.url}/batches/${id}`);
    expect(await client.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
    expect(await violations(client)).toEqual([]);
    await client.getByRole("link", { name: "Save all as ZIP" }).waitFor();
    expect(await client.getByRole("link", { name: "Batches" }).count()).toBe(0);
    expect(await client.getByRole("button", { name: "Links for clients" }).count()).toBe(0);
    await client.getByRole("option", { name: /p00000/ }).click();
    const dialog = client.getByRole("dialog", { name: "p00000.jpg" });
    await dialog.getByAltText("Before").first().waitFor();
    expect(await violations(client)).toEqual([]);
    await dialog.getByRole("button", { name: "Approve", exact: true }).waitFor();
    // Another result costs money, so a client cannot order one.
    expect(await dialog.getByRole("button", { name: "Redo…" }).count()).toBe(0);
    const saved = client.waitForEvent("download");
    await dialog.getByRole("link", { name: "Save", exact: true }).click();
    expect((await saved).suggestedFilename()).toBe("p00000.jpg");
    await client.keyboard.press("a");
    await until(async () => (await darkroom.ledger.reviews.range(id, 0, 1))[0]?.state === "approved", {
      what: "the client's decision",
    });
    await client.goto(`${darkroom.api.url}/new`);
    await client.getByRole("heading", { name: "Team Nord" }).waitFor();
    await page.getByRole("button", { name: "Revoke the link for Acme" }).click();
    await page.getByText("revoked").waitFor();
    await client.getByRole("heading", { name: "Sign in" }).waitFor();
    await client.goto(url);
    await client.getByText("This link no longer works").waitFor();
    expect(client.url()).toBe(`${darkroom.api.url}/link`);
  },
);

test("a read-only link shows no control", { timeout: 60_000 }, async () => {
  const { page } = await operated();
  const client = await openPage(browser, await makeLink(page, []), { width: 390 });
  await client.getByRole("option", { name: /p00001/ }).click();
  await client.getByRole("dialog", { name: "p00001.jpg" }).getByRole("button", { name: "Close" }).waitFor();
  for (const name of ["Approve", "Reject…", "Undo"]) {
    expect(await client.getByRole("button", { name, exact: true }).count()).toBe(0);
  }
  expect(await client.getByRole("link", { name: /^Save/ }).count()).toBe(0);
});
