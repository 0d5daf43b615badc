import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { heic, noise, portrait } from "@darkroom/imaging/test-pictures";
import { startBrowser, tempFolder, until } from "@darkroom/testkit";
import { startEngine, type Engine, type EngineOptions } from "../kit/engine.ts";
import { openPage, violations, type OpenOptions } from "./open-page.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
}, 300_000);
afterAll(async () => {
  await browser.close();
});

const PRICES = JSON.stringify({ "each-sense": { eco: 0.05, max: 0.2 } });

async function engine(options: EngineOptions = {}): Promise<Engine> {
  const started = await startEngine({ ...options, env: { DARKROOM_PRICES: PRICES, ...options.env } });
  onTestFinished(() => started.close());
  return started;
}

async function open({ api }: Engine, options: OpenOptions = {}): Promise<Page> {
  const page = await openPage(browser, `${api.url}/`, { expected: [400, 404], ...options });
  return page;
}

interface NamedFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

async function photos(count: number): Promise<readonly NamedFile[]> {
  return await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const patch = await noise(16, 16).png().toBuffer();
      const picture = (await portrait()).composite([{ input: patch, left: index, top: 0 }]);
      return { name: `Anna ${index}.jpg`, mimeType: "image/jpeg", buffer: await picture.jpeg().toBuffer() };
    }),
  );
}

const choose = async (page: Page, files: readonly NamedFile[]): Promise<void> =>
  await page.getByLabel("Files", { exact: true }).setInputFiles([...files]);

test.each(["local", "s3"] as const)(
  "sends photos to a %s store, shows the cost, runs a pilot and opens its sheet",
  { timeout: 60_000 },
  async (store) => {
    const darkroom = await engine({ store });
    const page = await open(darkroom);
    await page.getByRole("link", { name: "New batch" }).first().click();
    const list = await photos(5);
    await choose(page, [...list, { name: "Jörg 日本.heic", mimeType: "image/heic", buffer: await heic() }]);
    await page.getByText("6 photos are here.").waitFor();
    await page.getByLabel("High quality").check();
    await page.getByLabel("Name (optional)").fill("Team Süd");
    await page.getByLabel("Budget in USD").fill("2");
    await page.getByLabel("Pilot").fill("2");
    await page.getByRole("button", { name: "Show the cost" }).click();
    await page.getByText("1.20 USD").first().waitFor();
    expect(await darkroom.ledger.listBatches(1)).toEqual([]);
    await page.getByRole("button", { name: "Start a pilot of 2, for at most 2.00 USD" }).click();
    await page.getByRole("heading", { name: "Team Süd" }).waitFor();
    await page.getByRole("button", { name: "Approve the pilot" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Approve the pilot" }).click();
    await page.getByText("completed", { exact: true }).waitFor();
    expect(await page.getByRole("option").count()).toBe(6);
    const [id = ""] = await darkroom.ledger.listBatches(1);
    const record = await darkroom.ledger.read(id);
    expect(record?.spec).toMatchObject({ name: "Team Süd", recipe: { mode: "max" } });
    expect([record?.counts.succeeded, record?.maxCostUsd]).toEqual([6, 2]);
  },
);

test(
  "reports why a file is not accepted, and sends only missing photos after a reload",
  { timeout: 60_000 },
  async () => {
    const darkroom = await engine();
    const page = await open(darkroom);
    await page.goto(`${darkroom.api.url}/new`);
    const [first, second] = await photos(2);
    if (first === undefined || second === undefined) throw new Error("no photos");
    await choose(page, [
      first,
      { name: "notes.jpg", mimeType: "image/jpeg", buffer: Buffer.from("these are words") },
      { name: "film.mov", mimeType: "video/quicktime", buffer: Buffer.from("film") },
      { name: ".DS_Store", mimeType: "", buffer: Buffer.from("x") },
    ]);
    await page.getByText("2 files not taken").waitFor();
    await page.getByText("notes.jpg The file is text, not a picture.").waitFor();
    await page.getByText("film.mov The file is a video, not a picture.").waitFor();
    await page.getByText("1 photo is here.").waitFor();
    await page.reload();
    await page.getByText("1 photo is here.").waitFor();
    const sent: string[] = [];
    page.on("request", (request) => void (request.method() === "PUT" && sent.push(request.url())));
    await choose(page, [first, second]);
    await page.getByText("2 photos are here.").waitFor();
    expect(sent).toEqual([expect.stringContaining("path=Anna+1.jpg")]);
    await page.getByText("Show the photos").click();
    await page.getByRole("button", { name: "Remove Anna 0.jpg" }).click();
    await page.getByText("1 photo is here.").waitFor();
  },
);

test("accepts a list of the uploaded photos, and describes its bad rows", { timeout: 60_000 }, async () => {
  const darkroom = await engine();
  const page = await open(darkroom);
  await page.goto(`${darkroom.api.url}/new`);
  const rows = "Foto;Name\nAnna 0.jpg;Anna\n;Niemand\nAnna 1.jpg;Berta\n";
  await choose(page, [...(await photos(2)), { name: "team.csv", mimeType: "text/csv", buffer: Buffer.from(rows) }]);
  await page.getByText("2 photos are here.").waitFor();
  await page.getByText("List: team.csv").waitFor();
  await page.getByRole("button", { name: "Show the cost" }).click();
  await page.getByText("1 row cannot be used").waitFor();
  await page.getByText("Line 3").waitFor();
  await page.getByLabel("Leave out rows").check();
  await page.getByRole("button", { name: "Show the cost" }).click();
  await page.getByRole("button", { name: /^Start 2 portraits/ }).click();
  await page.getByRole("option", { name: /Anna 1.jpg/ }).waitFor();
  await page.getByText("completed with failures", { exact: true }).waitFor();
  // The sheet also contains the rejected row.
  expect(await page.getByRole("option").count()).toBe(3);
});

test.each(["light", "dark"] as const)(
  "works by keyboard alone and meets WCAG 2.2 AA in %s",
  { timeout: 60_000 },
  async (scheme) => {
    const darkroom = await engine();
    const page = await open(darkroom, { colorScheme: scheme });
    expect(await violations(page)).toEqual([]);
    await page.goto(`${darkroom.api.url}/new`);
    await page.getByRole("button", { name: "Choose files" }).focus();
    await page.evaluate(`document.querySelector("[aria-label=Files]").addEventListener("click", (event) => {
      event.preventDefault();
      document.title = "asked for files";
    })`);
    await page.keyboard.press("Enter");
    await until(async () => (await page.title()) === "asked for files", { what: "the file chooser" });
    await choose(page, await photos(2));
    await page.getByText("2 photos are here.").waitFor();
    await page.getByLabel("Professional polish").focus();
    await page.keyboard.press("ArrowUp");
    expect(await page.getByLabel("Age reduction").isChecked()).toBe(true);
    await page.getByLabel("Name (optional)").focus();
    await page.keyboard.press("Enter");
    const start = page.getByRole("button", { name: /^Start 2 portraits/ });
    await start.waitFor();
    expect(await violations(page)).toEqual([]);
    await start.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("option", { name: /Anna 0.jpg/ }).waitFor();
  },
);

test("takes dropped photos, and a folder with its paths", { timeout: 60_000 }, async () => {
  const darkroom = await engine();
  const page = await open(darkroom);
  await page.goto(`${darkroom.api.url}/new`);
  await page.getByText("Drop photos").waitFor();
  const [photo] = await photos(1);
  const text = photo?.buffer.toString("base64");
  await page.evaluate(`{
    const transfer = new DataTransfer();
    const bytes = Uint8Array.from(atob("${text ?? ""}"), (each) => each.charCodeAt(0));
    transfer.items.add(new File([bytes], "dropped.jpg", { type: "image/jpeg" }));
    document.querySelector(".drop").dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true }));
  }`);
  await page.getByText("1 photo is here.").waitFor();
  const folder = await tempFolder();
  onTestFinished(() => folder.remove());
  await mkdir(join(folder.path, "Team", "Süd"), { recursive: true });
  await writeFile(join(folder.path, "Team", "Süd", "Anna.jpg"), photo?.buffer ?? "");
  await page.getByLabel("Folder", { exact: true }).setInputFiles(join(folder.path, "Team"));
  await page.getByText("2 photos are here.").waitFor();
  await page.getByText("Show the photos").click();
  await page.getByText("Team/Süd/Anna.jpg").waitFor();
  expect(await page.getByRole("alert").count()).toBe(0);
});

test("an empty page offers samples in several states, marked as simulated", { timeout: 60_000 }, async () => {
  const darkroom = await engine();
  const page = await open(darkroom);
  await page.getByText("simulated", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Show me samples" }).click();
  for (const words of [
    "completed",
    "completed with failures",
    "pilot waits for your approval",
    "waits for your confirmation",
  ]) {
    await page.getByText(words, { exact: true }).first().waitFor();
  }
  expect(await page.getByRole("article").count()).toBe(5);
  expect(await violations(page)).toEqual([]);
});
