import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { startBrowser, until } from "@darkroom/testkit";
import { startEngine, type Engine } from "../kit/engine.ts";
import { KEYBOARD } from "./hands.ts";
import { openPage, violations } from "./open-page.ts";

const ROOT = "the root key";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
}, 300_000);
afterAll(async () => {
  await browser.close();
});

/** Opens the operations page of an engine that asks for a key. */
async function operations(colorScheme: "light" | "dark"): Promise<{ darkroom: Engine; page: Page }> {
  const darkroom = await startEngine({
    env: { DARKROOM_API_KEY: ROOT, DARKROOM_ALLOW_PRIVATE_WEBHOOKS: "true" },
  });
  onTestFinished(() => darkroom.close());
  const page = await openPage(browser, `${darkroom.api.url}/operate`, {
    colorScheme,
    width: 390,
    expected: [400, 401, 403],
  });
  await signIn(page, ROOT);
  return { darkroom, page };
}

async function signIn(page: Page, key: string): Promise<void> {
  await page.getByLabel("API key", { exact: true }).fill(key);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
}

test("a key is created by keyboard, shown once, and gives no more than its scopes", { timeout: 60_000 }, async () => {
  const { darkroom, page } = await operations("light");
  await KEYBOARD.press(page.getByRole("button", { name: "New key…" }));
  const dialog = page.getByRole("dialog", { name: "New API key" });
  await KEYBOARD.write(dialog.getByLabel("Whose key"), "Night job");
  await page.keyboard.press("Enter");
  const key = await dialog.getByLabel(/^The key of Night job; it is shown only now/).inputValue();
  expect(key).toMatch(/^dk_/);
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await page.getByText("default, read, active").waitFor();
  expect(await page.content()).not.toContain(key);
  const ask = async (path: string, method: string) =>
    await fetch(`${darkroom.api.url}/v1${path}`, { method, headers: { "x-api-key": key } });
  expect((await ask("/batches", "GET")).status).toBe(200);
  expect((await ask("/webhooks", "GET")).status).toBe(403);
  await page.getByRole("button", { name: "Sign out" }).click();
  await signIn(page, key);
  await page.getByText("There are no schedules.").waitFor();
  expect(await page.getByRole("button").allInnerTexts()).toEqual(["Sign out"]);
  expect(await page.getByRole("heading", { name: "Webhooks" }).count()).toBe(0);
});

test("a webhook is created, tested, read in its log, switched off and deleted", { timeout: 60_000 }, async () => {
  const { page } = await operations("dark");
  const got: string[] = [];
  const receiver = createServer((request, response) => {
    got.push(String(request.headers["webhook-id"]));
    response.writeHead(204).end();
  });
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
  onTestFinished(() => void receiver.close());
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks`;
  await KEYBOARD.press(page.getByRole("button", { name: "New webhook…" }));
  const dialog = page.getByRole("dialog", { name: "New webhook" });
  await KEYBOARD.write(dialog.getByLabel("URL"), url);
  await KEYBOARD.write(dialog.getByLabel("Name (optional)"), "Accounting");
  await page.keyboard.press("Enter");
  const secret = await dialog.getByLabel(/^Its secret.*; it is shown only now/).inputValue();
  expect(secret).toMatch(/^whsec_/);
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await page.getByRole("heading", { name: "Accounting" }).waitFor();
  expect(await page.content()).not.toContain(secret);
  await KEYBOARD.press(page.getByRole("button", { name: "Send a test to Accounting" }));
  await until(() => got.length === 1, { what: "the test message" });
  await KEYBOARD.press(page.getByRole("button", { name: "Deliveries of Accounting" }));
  const log = page.getByRole("dialog", { name: "Deliveries of Accounting" });
  await log.getByText(/delivered, answer 204/).waitFor();
  // A delivered test is not resent: a new one is sent.
  expect(await log.getByRole("button", { name: /^Send again/ }).count()).toBe(0);
  expect(await violations(page)).toEqual([]);
  expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
  await page.keyboard.press("Escape");
  await KEYBOARD.press(page.getByRole("button", { name: "Disable Accounting" }));
  await page.getByText("Disabled by the key root.").waitFor();
  await KEYBOARD.press(page.getByRole("button", { name: "Delete Accounting" }));
  await KEYBOARD.press(page.getByRole("dialog").getByRole("button", { name: "Delete" }));
  await page.getByText("There are no webhooks.").waitFor();
});
