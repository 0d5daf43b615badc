import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { heic } from "@darkroom/imaging/test-pictures";
import { startBrowser, until } from "@darkroom/testkit";
import { startEngine, type Engine, type EngineOptions } from "../kit/engine.ts";
import { openPage, violations, type OpenOptions } from "./open-page.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
}, 300_000);
afterAll(async () => {
  await browser.close();
});

async function engine(options: EngineOptions = {}): Promise<Engine> {
  const started = await startEngine({ ...options, env: { DARKROOM_THUMBNAILS: "true", ...options.env } });
  onTestFinished(() => started.close());
  return started;
}

async function open(url: string, options: OpenOptions = {}): Promise<Page> {
  return await openPage(browser, url, options);
}

/** Waits until this many pictures of the page have pixels. */
async function picturesLoaded(page: Page, selector: string, count: number): Promise<void> {
  const loaded = `[...document.querySelectorAll(${JSON.stringify(selector)})].filter((each) => each.naturalWidth > 0).length`;
  await until(async () => (await page.evaluate<number>(loaded)) === count, {
    what: `${count} pictures of ${selector}`,
  });
}

test("shows a batch fill in as its portraits end, with their pictures", async () => {
  const darkroom = await engine({ twin: { latencyMs: 150 }, env: { DARKROOM_LANE_CONCURRENCY: "4" } });
  await darkroom.addPhotos(20);
  const id = await darkroom.submit({ name: "Team Nord" });
  const page = await open(`${darkroom.api.url}/`);
  await page.getByRole("link", { name: "Team Nord" }).click();
  await page.getByText("completed").waitFor();
  await page.getByRole("option", { name: "succeeded p00003.jpg" }).waitFor();
  expect(await page.getByRole("option").count()).toBe(20);
  await picturesLoaded(page, ".thumb img", 20);
  expect(page.url()).toContain(id);
});

test("compares before and after, and steps to the neighbours by key", async () => {
  const darkroom = await engine();
  await darkroom.addPhotos(3);
  const id = await darkroom.submit();
  await darkroom.ended(id);
  const page = await open(`${darkroom.api.url}/batches/${id}`);
  await page.getByRole("option", { name: "succeeded p00000.jpg" }).click();
  const dialog = page.getByRole("dialog", { name: "p00000.jpg" });
  await dialog.locator(".shown").getByAltText("Before").waitFor();
  await picturesLoaded(page, ".shown .slider img", 2);
  await dialog.getByRole("button", { name: "Next" }).click();
  await page.getByRole("dialog", { name: "p00001.jpg" }).waitFor();
  await page.keyboard.press("ArrowRight");
  await page.getByRole("dialog", { name: "p00002.jpg" }).waitFor();
  await page.keyboard.press("Escape");
  expect(await page.getByRole("dialog").count()).toBe(0);
  expect(await page.evaluate("document.activeElement.getAttribute('role')")).toBe("listbox");
});

test("shows a photo from a phone, which the browser itself cannot decode", async () => {
  const darkroom = await engine();
  await darkroom.source.put("phone.heic", await heic());
  const id = await darkroom.submit();
  await darkroom.ended(id);
  const page = await open(`${darkroom.api.url}/batches/${id}`);
  await page.getByRole("option", { name: "succeeded phone.heic" }).click();
  await picturesLoaded(page, ".shown .slider img", 2);
  expect(await page.getByText("cannot be shown").count()).toBe(0);
});

test("pauses, resumes and cancels, and asks again before it ends work", async () => {
  const darkroom = await engine({ twin: { latencyMs: 60_000 }, env: { DARKROOM_LANE_CONCURRENCY: "1" } });
  await darkroom.addPhotos(3);
  const id = await darkroom.submit();
  const page = await open(`${darkroom.api.url}/batches/${id}`);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Resume" }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Not now" }).click();
  expect((await darkroom.ledger.read(id))?.cancelled).toBe(false);
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await until(async () => (await darkroom.ledger.read(id))?.cancelled, { what: "the batch to be cancelled" });
});

test("approves a pilot and raises a budget, each with its sum", async () => {
  const prices = JSON.stringify({ "each-sense": { eco: 0.05, max: 0.2 } });
  const darkroom = await engine({ env: { DARKROOM_PRICES: prices } });
  await darkroom.addPhotos(6);
  const id = await darkroom.submit({ pilot: 2, maxCostUsd: 0.2 });
  const page = await open(`${darkroom.api.url}/batches/${id}`);
  await page.getByRole("button", { name: "Approve the pilot" }).click();
  await page.getByText("4 portraits start, for about 0.20 USD").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Approve the pilot" }).click();
  await page.getByRole("button", { name: "Raise the budget" }).click();
  expect(await page.getByLabel(/^New budget in USD/).inputValue()).toBe("0.30");
  await page.getByRole("dialog").getByRole("button", { name: "Raise the budget" }).click();
  await page.getByText("completed").waitFor();
  expect((await darkroom.ended(id)).counts.succeeded).toBe(6);
});

test("filters by state, keeps the filter in the address, and retries failures", async () => {
  const darkroom = await engine({
    twin: { faults: [{ match: { portrait: "p00001", call: 1 }, fault: "no_output" }] },
  });
  await darkroom.addPhotos(4);
  const id = await darkroom.submit({
    recipe: { preset: "professional-polish", mode: "eco", retry: { attempts: 1 } },
  });
  await darkroom.ended(id);
  const page = await open(`${darkroom.api.url}/batches/${id}`);
  await page.getByRole("button", { name: /^failed/ }).click();
  await page.getByRole("option", { name: "failed p00001.jpg" }).waitFor();
  expect(await page.getByRole("option").count()).toBe(1);
  await page.reload();
  await page.getByRole("option", { name: "failed p00001.jpg" }).waitFor();
  await page.getByRole("button", { name: "Try 1 portrait again" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Try 1 portrait again" }).click();
  await page.getByText("completed", { exact: true }).waitFor();
  expect((await darkroom.ended(id)).counts.succeeded).toBe(4);
});

test("shows a name from a manifest as text, whatever its characters", async () => {
  const darkroom = await engine();
  const [source = ""] = await darkroom.addPhotos(1);
  const name = `<img src=x onerror="document.title='run'">`;
  const id = await darkroom.submit({
    baseUrl: `${darkroom.root}in/`,
    rows: [{ id: name, source }],
  });
  await darkroom.ended(id);
  const page = await open(`${darkroom.api.url}/batches/${id}`);
  await page.getByText(name).waitFor();
  expect(await page.title()).not.toBe("run");
});

test.each(["light", "dark"] as const)("meets WCAG 2.2 AA in %s", async (scheme) => {
  const darkroom = await engine({
    twin: { faults: [{ match: { portrait: "p00001" }, fault: "no_face" }] },
  });
  await darkroom.addPhotos(4);
  const id = await darkroom.submit();
  await darkroom.ended(id);
  const page = await open(`${darkroom.api.url}/`, { colorScheme: scheme });
  await page.getByRole("article").waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole("link", { name: /to out/ }).click();
  await page.getByRole("option", { name: /failed/ }).waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole("option", { name: "succeeded p00000.jpg" }).click();
  await page.locator(".shown").getByAltText("Before").waitFor();
  expect(await violations(page)).toEqual([]);
});

test("asks for a key, and shows only the controls that the key may use", async () => {
  const darkroom = await engine({
    twin: { latencyMs: 60_000 },
    env: { DARKROOM_API_KEY: "the root key", DARKROOM_LANE_CONCURRENCY: "1" },
  });
  await darkroom.addPhotos(2);
  const id = await darkroom.submit();
  const issued = await fetch(`${darkroom.api.url}/v1/keys`, {
    method: "POST",
    headers: { "x-api-key": "the root key", "content-type": "application/json" },
    body: JSON.stringify({ name: "reader", tenant: "*", scopes: ["read"] }),
  });
  const { key } = (await issued.json()) as { readonly key: string };
  const page = await open(`${darkroom.api.url}/batches/${id}`, { expected: [401] });
  await page.getByLabel("API key").fill("wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("The API key is wrong").waitFor();
  await page.getByLabel("API key").fill(key);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("option", { name: "p00000.jpg" }).waitFor();
  expect(await page.getByRole("button", { name: "Cancel" }).count()).toBe(0);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("API key").fill("the root key");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Cancel" }).waitFor();
});
