import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { startBrowser, until } from "@darkroom/testkit";
import { startEngine } from "../kit/engine.ts";
import { openPage, violations, type OpenOptions } from "./open-page.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
}, 300_000);
afterAll(async () => {
  await browser.close();
});

/** Opens the comparison of the first of some portraits. */
async function compared(count: number, options: OpenOptions = {}): Promise<{ page: Page; asked: string[] }> {
  const darkroom = await startEngine({ env: { DARKROOM_THUMBNAILS: "true" } });
  onTestFinished(() => darkroom.close());
  await darkroom.addPhotos(count);
  const id = await darkroom.submit();
  await darkroom.ended(id);
  const page = await openPage(browser, `${darkroom.api.url}/batches/${id}`, options);
  const asked: string[] = [];
  page.on("request", (request) => void asked.push(request.url()));
  await page.getByRole("option", { name: "succeeded p00000.jpg" }).click();
  await page.getByRole("dialog", { name: "p00000.jpg" }).waitFor();
  return { page, asked };
}

const stage = (page: Page) => page.locator(".shown .stage");
const transform = async (page: Page): Promise<string> =>
  await page.evaluate<string>("document.querySelector('.shown .before .layer').style.transform");

test.each([
  { colorScheme: "light", width: 1_440 },
  { colorScheme: "dark", width: 390 },
] as const)(
  "zooms and moves both pictures alike, and keeps the place from pair to pair ($colorScheme, $width px)",
  { timeout: 60_000 },
  async (options) => {
    const { page } = await compared(3, options);
    await stage(page).getByAltText("After").waitFor();
    const box = await stage(page).boundingBox();
    if (box === null) throw new Error("no stage");
    await page.mouse.move(box.x + box.width * 0.25, box.y + box.height * 0.25);
    await page.mouse.wheel(0, -500);
    await until(async () => (await transform(page)) !== "translate(0%, 0%) scale(1)", { what: "the zoom" });
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + box.height * 0.4);
    await page.mouse.up();
    await page.keyboard.press("+");
    await page.keyboard.press("Shift+ArrowDown");
    const there = await transform(page);
    await page.getByRole("button", { name: "Side by side" }).click();
    const layers = await page.evaluate<string[]>(
      "[...document.querySelectorAll('.shown .layer')].map((layer) => layer.style.transform)",
    );
    expect(layers).toEqual([there, there]);
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("ArrowRight");
    await page.getByRole("dialog", { name: "p00001.jpg" }).waitFor();
    expect(await transform(page)).toBe(there);
    expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
    await page.keyboard.press("0");
    await until(async () => (await transform(page)) === "translate(0%, 0%) scale(1)", { what: "the whole picture" });
  },
);

test("shows what has changed as a map, with the changed share in words", { timeout: 60_000 }, async () => {
  const { page } = await compared(2);
  await page.keyboard.press("c");
  const map = page.getByRole("img", {
    name: /^From yellow to red: what has changed beyond light and colour as a whole, about \d+ % of the picture/,
  });
  await map.waitFor();
  const colours = await page.evaluate<number>(`{
    const canvas = document.querySelector(".shown canvas");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let painted = 0;
    for (let at = 0; at < data.length; at += 4) painted += data[at + 3] === 255;
    painted / (canvas.width * canvas.height);
  }`);
  expect(colours).toBe(1);
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press("c");
  await stage(page).getByAltText("Before").waitFor();
});

test("holds a key or a button for the source, and drags the divider", { timeout: 60_000 }, async () => {
  const { page } = await compared(1);
  const share = async () => await page.evaluate<string>("document.querySelector('.shown .stage').style.cssText");
  await page.keyboard.down(" ");
  await until(async () => (await share()).includes("100%"), { what: "the source" });
  await page.keyboard.up(" ");
  await until(async () => (await share()).includes("50%"), { what: "both" });
  const hold = page.getByRole("button", { name: "Hold for the source" });
  await hold.focus();
  await page.keyboard.down("Enter");
  await until(async () => (await share()).includes("100%"), { what: "the source" });
  await page.keyboard.up("Enter");
  const box = await stage(page).boundingBox();
  if (box === null) throw new Error("no stage");
  await page.mouse.move(box.x + box.width / 2, box.y + 50);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.8, box.y + 50);
  await page.mouse.up();
  await until(async () => (await share()).includes("80%"), { what: "the divider" });
  expect(await page.getByLabel(/^Share of the picture/).inputValue()).toBe("80");
});

test("a fast review loads only small pictures; a zoom loads the pictures themselves", { timeout: 60_000 }, async () => {
  const { page, asked } = await compared(6);
  await page.evaluate(`(async () => {
    for (let step = 0; step < 4; step++) {
      document.dispatchEvent(new KeyboardEvent("keydown", { key: "j" }));
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  })()`);
  await page.getByRole("dialog", { name: "p00004.jpg" }).waitFor();
  const full = (index: number) => asked.filter((url) => url.includes(`/portraits/${index}/picture`)).length;
  await page.keyboard.press("+");
  await until(() => full(4) === 2, { what: "both pictures" });
  expect([full(1), full(2), full(3)]).toEqual([0, 0, 0]);
  expect(asked.some((url) => url.includes("/portraits/3/thumbnail"))).toBe(true);
});
