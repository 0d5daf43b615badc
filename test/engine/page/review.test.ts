import { buffer } from "node:stream/consumers";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { startBrowser, until } from "@darkroom/testkit";
import { startEngine, type Engine, type EngineOptions } from "../kit/engine.ts";
import { postTo } from "../kit/post-to.ts";
import { openPage, violations } from "./open-page.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
}, 300_000);
afterAll(async () => {
  await browser.close();
});

/** Starts an engine with an ended batch of this many portraits, and opens its page. */
async function reviewed(
  count: number,
  twin: EngineOptions["twin"] = {},
  env: EngineOptions["env"] = {},
): Promise<{ darkroom: Engine; id: string; page: Page; url: string }> {
  const darkroom = await startEngine({ twin, env: { DARKROOM_THUMBNAILS: "true", ...env } });
  onTestFinished(() => darkroom.close());
  await darkroom.addPhotos(count);
  const id = await darkroom.submit();
  await darkroom.ended(id);
  const url = `${darkroom.api.url}/batches/${id}`;
  const page = await openPage(browser, url, { expected: [404, 409] });
  await page.getByRole("option", { name: /p00000/ }).waitFor();
  return { darkroom, id, page, url };
}

async function statesOf({ ledger }: Engine, id: string, count: number): Promise<readonly string[]> {
  return (await ledger.reviews.range(id, 0, count)).map(({ state }) => state);
}

test(
  "approves, rejects with a note and undoes by keyboard, and moves to the next result each time",
  { timeout: 60_000 },
  async () => {
    const { darkroom, id, page } = await reviewed(4);
    await page.getByRole("option", { name: /p00000/ }).click();
    await page.getByRole("dialog", { name: "p00000.jpg" }).waitFor();
    await page.keyboard.press("a");
    await page.getByRole("dialog", { name: "p00001.jpg" }).waitFor();
    await page.keyboard.press("r");
    await page.getByLabel("Note (optional)").fill("eyes closed");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "p00002.jpg" }).waitFor();
    await page.keyboard.press("a");
    await page.getByRole("dialog", { name: "p00003.jpg" }).waitFor();
    await page.keyboard.press("u");
    await page.getByRole("dialog", { name: "p00002.jpg" }).waitFor();
    await until(async () => (await statesOf(darkroom, id, 4)).join() === "approved,rejected,undecided,undecided", {
      what: "the decisions",
    });
    await page.keyboard.press("k");
    await page.getByRole("status").getByText("rejected: eyes closed").waitFor();
    await page.keyboard.press("?");
    await page.getByText("reject with a note, and go to the next").waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: /^✓? ?approved 1/ }).click();
    expect(await page.getByRole("option").count()).toBe(1);
    expect(page.url()).toContain("review=approved");
    expect(await violations(page)).toEqual([]);
  },
);

test(
  "keys in quick succession decide about one portrait each, and pass over failed ones",
  { timeout: 60_000 },
  async () => {
    const faults = [{ match: { portrait: "p00002" }, fault: "no_face" as const }];
    const { darkroom, id, page } = await reviewed(6, { faults });
    await page.getByRole("option", { name: /p00000/ }).click();
    await page.getByRole("dialog", { name: "p00000.jpg" }).waitFor();
    const keys = ["a", "a", "a", "a", "u"].map(
      (key) => `document.dispatchEvent(new KeyboardEvent("keydown", { key: "${key}" }))`,
    );
    for (const key of keys) await page.evaluate(key);
    await page.getByRole("dialog", { name: "p00004.jpg" }).waitFor();
    await until(async () => (await darkroom.ledger.read(id))?.review.revision === 5, { what: "five decisions" });
    const wanted = ["approved", "approved", "undecided", "approved", "undecided", "undecided"];
    expect(await statesOf(darkroom, id, 6)).toEqual(wanted);
  },
);

test("decides about a selection by keyboard alone", { timeout: 60_000 }, async () => {
  const { darkroom, id, page } = await reviewed(5);
  await page.getByRole("listbox").focus();
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("Shift+ArrowRight");
  await page.getByText("3 portraits selected").waitFor();
  await page.keyboard.press("x");
  await page.getByText("2 portraits selected").waitFor();
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press("r");
  await page.getByRole("dialog", { name: "Reject 2 portraits" }).waitFor();
  await page.keyboard.press("Enter");
  await until(async () => (await statesOf(darkroom, id, 5))[1] === "rejected", { what: "the decisions" });
  expect(await statesOf(darkroom, id, 5)).toEqual(["rejected", "rejected", "undecided", "undecided", "undecided"]);
  expect((await darkroom.ledger.read(id))?.review.revision).toBe(1);
});

test("two users see each other's decisions within a second", { timeout: 60_000 }, async () => {
  const { page, url } = await reviewed(3);
  const other = await openPage(browser, url, { expected: [404, 409] });
  await other.getByRole("option", { name: /p00001/ }).waitFor();
  await page.getByRole("listbox").focus();
  await page.keyboard.press("a");
  const begun = Date.now();
  await other.getByRole("option", { name: /p00000.*approved/ }).waitFor();
  expect(Date.now() - begun).toBeLessThan(1_000);
});

test("a page that has not heard of a decision shows it, and does not overwrite it", { timeout: 60_000 }, async () => {
  const { darkroom, id, url } = await reviewed(2);
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  const late = await context.newPage();
  await late.addInitScript("window.EventSource = class extends EventTarget { close() {} };");
  await late.goto(url);
  await late.getByRole("option", { name: /p00001/ }).click();
  await postTo(darkroom, `/batches/${id}/reviews`, { order: "reject", indexes: [1], note: "red eyes" });
  await late.keyboard.press("a");
  await late.getByText("has rejected portrait 1 (“red eyes”) since you looked").waitFor();
  expect(await statesOf(darkroom, id, 2)).toEqual(["undecided", "rejected"]);
});

test("orders another result with a note, after its price is shown", { timeout: 60_000 }, async () => {
  const { darkroom, id, page } = await reviewed(2, {}, { DARKROOM_PRICES: '{"each-sense":{"eco":0.05,"max":0.2}}' });
  await page.getByRole("option", { name: /p00001/ }).click();
  const dialog = page.getByRole("dialog", { name: "p00001.jpg" });
  await dialog.locator(".shown").getByAltText("After").waitFor();
  const asked: string[] = [];
  page.on("request", (request) => void asked.push(request.url()));
  await dialog.getByRole("button", { name: "Redo…" }).click();
  await page.getByLabel("What should be different?").fill("a lighter background");
  await page.keyboard.press("a");
  await page.keyboard.press("Backspace");
  await page.keyboard.press("Enter");
  await page.getByText("1 portrait for 0.05 USD (simulated)").waitFor();
  expect(await violations(page)).toEqual([]);
  expect((await darkroom.ledger.read(id))?.review.revision).toBe(0);
  await page.getByRole("button", { name: "Order", exact: true }).click();
  await until(async () => (await darkroom.results.head("p00001.jpg"))?.metadata["darkroom-round"] === "1", {
    what: "the other result",
  });
  expect((await darkroom.ledger.read(id))?.rounds[0]?.recipe.redo?.note).toBe("a lighter background");
  await dialog.getByRole("button", { name: "Approve", exact: true }).waitFor();
  await until(() => asked.some((url) => url.includes("/portraits/1/picture?of=result")), { what: "the new picture" });
});

test("a read-only key sees decisions and no controls for them", { timeout: 60_000 }, async () => {
  const darkroom = await startEngine({ env: { DARKROOM_API_KEY: "the root key" } });
  onTestFinished(() => darkroom.close());
  await darkroom.addPhotos(1);
  const id = await darkroom.submit();
  await darkroom.ended(id);
  const root = { "x-api-key": "the root key", "content-type": "application/json" };
  const ask = async (path: string, body: object, headers: Record<string, string> = root) =>
    await fetch(`${darkroom.api.url}/v1${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  const issued = await ask("/keys", { name: "reader", tenant: "*", scopes: ["read"] });
  const { key } = (await issued.json()) as { readonly key: string };
  const order = { order: "approve", indexes: [0] };
  expect((await ask(`/batches/${id}/reviews`, order, { ...root, "x-api-key": key })).status).toBe(403);
  expect((await ask(`/batches/${id}/reviews`, order)).status).toBe(200);
  const page = await openPage(browser, `${darkroom.api.url}/batches/${id}`, { expected: [401, 404] });
  await page.getByLabel("API key").fill(key);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("option", { name: /p00000.*approved/ }).click();
  await page.getByRole("dialog").getByText("approved by root").waitFor();
  expect(await page.getByRole("button", { name: "Approve", exact: true }).count()).toBe(0);
});

test("saves all results, or the approved ones, as a ZIP", { timeout: 60_000 }, async () => {
  const { page } = await reviewed(2);
  const saved = async (name: string): Promise<string> => {
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name }).click();
    return await buffer(await (await download).createReadStream()).then((zip) => zip.toString("latin1"));
  };
  const all = await saved("all results");
  expect([all.includes("p00000.jpg"), all.includes("p00001.jpg")]).toEqual([true, true]);
  await page.getByRole("option", { name: /p00000/ }).click();
  await page.keyboard.press("a");
  await page.keyboard.press("Escape");
  const approved = await saved("the approved ones");
  expect([approved.includes("p00000.jpg"), approved.includes("p00001.jpg")]).toEqual([true, false]);
});
