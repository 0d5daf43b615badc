import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { startBrowser, until } from "@darkroom/testkit";
import { startEngine, type Engine, type EngineOptions } from "../kit/engine.ts";
import { openPage, violations } from "./open-page.ts";

const ROOT = "the root key";
const asRoot = { "x-api-key": ROOT, "content-type": "application/json" };

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
}, 300_000);
afterAll(async () => {
  await browser.close();
});

async function engine(options: EngineOptions = {}): Promise<Engine> {
  const started = await startEngine({ ...options, env: { DARKROOM_API_KEY: ROOT, ...options.env } });
  onTestFinished(() => started.close());
  return started;
}

async function post({ api }: Engine, path: string, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${api.url}/v1${path}`, { method: "POST", headers: asRoot, body: JSON.stringify(body) });
  expect(response.status).toBe(201);
  return (await response.json()) as Record<string, unknown>;
}

async function signIn(page: Page, key: string): Promise<void> {
  await page.getByLabel("API key").fill(key);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
}

async function schedule(darkroom: Engine): Promise<void> {
  const submission = {
    source: `${darkroom.root}in/`,
    destination: `${darkroom.root}out/`,
    recipe: { preset: "professional-polish", mode: "eco" },
  };
  await post(darkroom, "/schedules", { id: "nightly", cron: "0 2 * * *", timeZone: "UTC", submission });
}

test.each(["light", "dark"] as const)(
  "shows why an account rests, unblocks it, steers schedules and revokes keys (%s)",
  { timeout: 60_000 },
  async (colorScheme) => {
    const darkroom = await engine({
      twin: { faults: [{ match: {}, fault: "balance" }] },
      env: { DARKROOM_PROBE_MS: "600000" },
    });
    await darkroom.addPhotos(1);
    await darkroom.submit();
    await schedule(darkroom);
    await post(darkroom, "/keys", { name: "Night job", scopes: ["read"] });
    const page = await openPage(browser, `${darkroom.api.url}/operate`, { colorScheme, expected: [401] });
    await signIn(page, ROOT);
    await page.getByText(/Blocked since/).waitFor();
    await page.getByText(/^Next: /).waitFor();
    await page.getByText("Nothing was paid").waitFor();
    await page.setViewportSize({ width: 390, height: 800 });
    expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
    expect(await violations(page)).toEqual([]);
    const unblocked = page.waitForResponse((response) => response.url().endsWith("/unblock"));
    await page.getByRole("button", { name: "Unblock twin" }).click();
    expect((await unblocked).status()).toBe(200);
    await page.getByRole("button", { name: "Pause nightly" }).click();
    await page.getByText("Paused since").waitFor();
    await page.getByRole("button", { name: "Resume nightly" }).click();
    await page.getByRole("button", { name: "Pause nightly" }).waitFor();
    await page.getByRole("button", { name: "Run now: nightly" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Not now" }).click();
    const focused = async () => await page.evaluate<string | null>("document.activeElement.getAttribute('aria-label')");
    await until(async () => (await focused()) === "Run now: nightly", { what: "the focus to return" });
    await page.getByRole("button", { name: "Revoke the key Night job" }).focus();
    await page.keyboard.press("Enter");
    await page
      .getByRole("dialog", { name: "Revoke the key Night job" })
      .getByRole("button", { name: "Revoke" })
      .click();
    await page.getByText("default, read, revoked").waitFor();
    expect(await violations(page)).toEqual([]);
  },
);

test(
  "a tenant's key sees the tenant's objects, and a read-only key sees no controls",
  { timeout: 60_000 },
  async () => {
    const darkroom = await engine();
    await darkroom.addPhotos(2);
    const id = await darkroom.submit({ name: "Of the default tenant" });
    await darkroom.ended(id);
    await schedule(darkroom);
    const limits = { sources: "any", destinations: "any" };
    const reader = await post(darkroom, "/keys", { name: "reader", scopes: ["read"] });
    const tenant = await post(darkroom, "/keys", { name: "acme", tenant: "acme", scopes: ["admin"], limits });
    const page = await openPage(browser, `${darkroom.api.url}/operate`, { expected: [401, 404] });
    await signIn(page, String(reader["key"]));
    await page.getByText(/^Next: /).waitFor();
    const visit = async (path: string, shown: string): Promise<readonly string[]> => {
      await page.goto(`${darkroom.api.url}${path}`);
      await page.getByText(shown).first().waitFor();
      return await page.getByRole("button").allInnerTexts();
    };
    expect(await visit("/operate", "nightly")).toEqual(["Sign out"]);
    expect(await visit("/", "Of the default tenant")).toEqual(["Sign out"]);
    expect(await page.getByRole("link", { name: "New batch" }).count()).toBe(0);
    const onBatch = await visit(`/batches/${id}`, "completed");
    expect(
      onBatch.filter((text) => !/^(Sign out|all|succeeded|.*(undecided|approved|rejected)|\?)/.test(text)),
    ).toEqual([]);
    await visit("/new", "Your key may not submit batches.");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.goto(`${darkroom.api.url}/operate`);
    await signIn(page, String(tenant["key"]));
    await page.getByText("There are no schedules.").waitFor();
    await page.getByRole("button", { name: "Revoke the key acme" }).waitFor();
    expect(await page.getByText("Provider accounts").count()).toBe(0);
    expect(await page.getByText("reader").count()).toBe(0);
    await page.getByRole("link", { name: "Batches", exact: true }).click();
    await page.getByText("No batches yet").waitFor();
  },
);

test("one answer is for all portraits with the same question", { timeout: 60_000 }, async () => {
  const fault = { kind: "ask" as const, question: "Keep the glasses?", options: ["Yes", "No"] };
  const darkroom = await engine({ twin: { faults: [{ match: { call: 1 }, fault }] } });
  await darkroom.addPhotos(3);
  const id = await darkroom.submit();
  await darkroom.ended(id);
  const page = await openPage(browser, `${darkroom.api.url}/batches/${id}`, { expected: [401, 404] });
  await signIn(page, ROOT);
  await page.getByText("Keep the glasses?").waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole("button", { name: "Yes" }).click();
  await page.getByRole("button", { name: "Answer" }).click();
  await until(async () => (await darkroom.ledger.read(id))?.counts.succeeded === 3, { what: "the answered portraits" });
  await page.getByText("completed", { exact: true }).waitFor();
  expect(await page.getByText("Keep the glasses?").count()).toBe(0);
});
