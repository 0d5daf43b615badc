import { buffer } from "node:stream/consumers";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { noise, portrait } from "@darkroom/imaging/test-pictures";
import { startBrowser, until } from "@darkroom/testkit";
import { startEngine, type Engine } from "../kit/engine.ts";
import { KEYBOARD, MOUSE, type Hands } from "./hands.ts";
import { openPage, violations } from "./open-page.ts";

const PHOTOS = 20;
const PRICES = JSON.stringify({ "each-sense": { eco: 0.05, max: 0.2 } });

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
}, 300_000);
afterAll(async () => {
  await browser.close();
});

interface NamedFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

async function photos(): Promise<readonly NamedFile[]> {
  return await Promise.all(
    Array.from({ length: PHOTOS }, async (_, index) => {
      const patch = await noise(16, 16).png().toBuffer();
      const picture = (await portrait()).composite([{ input: patch, left: index, top: 0 }]);
      const name = `photo-${String(index).padStart(2, "0")}.jpg`;
      return { name, mimeType: "image/jpeg", buffer: await picture.jpeg().toBuffer() };
    }),
  );
}

test.each([
  { by: "mouse", hands: MOUSE, colorScheme: "light" },
  { by: "keyboard alone", hands: KEYBOARD, colorScheme: "dark" },
] as const)(
  "from 20 dropped photos to a delivered batch and a client's phone, by $by",
  { timeout: 180_000 },
  async ({ hands, colorScheme }) => {
    const darkroom = await startEngine({
      twin: {
        faults: [
          { match: { portrait: "photo-07" }, fault: "no_output" },
          { match: { portrait: "photo-08" }, fault: "complete_error" },
        ],
      },
      env: { DARKROOM_PRICES: PRICES, DARKROOM_THUMBNAILS: "true" },
    });
    onTestFinished(() => darkroom.close());
    const page = await openPage(browser, `${darkroom.api.url}/`, { colorScheme, expected: [400, 404] });
    const id = await submitted(darkroom, page, hands);
    await reviewed(darkroom, page, { id, hands });
    await retried(darkroom, page, { id, hands });
    await delivered(darkroom, page, hands);
    await seenByClient(darkroom, page, { id, hands, colorScheme });
    expect(await decisions(darkroom, id)).toEqual(["approved", "rejected", "approved", "approved"]);
  },
);

interface Step {
  readonly id: string;
  readonly hands: Hands;
}

/** Drops the photos, reviews the cost, approves the pilot, and waits for the end. */
async function submitted(darkroom: Engine, page: Page, hands: Hands): Promise<string> {
  await hands.press(page.getByRole("link", { name: "New batch" }).first());
  await page.getByText("Drop photos").waitFor();
  if (hands === MOUSE) await dropFiles(page, await photos());
  else {
    const chooser = page.waitForEvent("filechooser");
    await hands.press(page.getByRole("button", { name: "Choose files" }));
    await (await chooser).setFiles([...(await photos())]);
  }
  await page.getByText(`${PHOTOS} photos are here.`).waitFor();
  await hands.write(page.getByLabel("Name (optional)"), "Team Nord");
  await hands.write(page.getByLabel("Budget in USD"), "5");
  await hands.write(page.getByLabel("Pilot"), "3");
  await hands.press(page.getByRole("button", { name: "Show the cost" }));
  await page.getByText("1.00 USD (simulated)").waitFor();
  expect(await violations(page)).toEqual([]);
  expect(await darkroom.ledger.listBatches(1)).toEqual([]);
  await hands.press(page.getByRole("button", { name: "Start a pilot of 3, for at most 5.00 USD" }));
  await page.getByText("pilot waits for your approval").waitFor();
  await hands.press(page.getByRole("button", { name: "Approve the pilot" }));
  await hands.press(page.getByRole("dialog").getByRole("button", { name: "Approve the pilot" }));
  await page.getByText("completed with failures", { exact: true }).waitFor();
  const [id = ""] = await darkroom.ledger.listBatches(1);
  expect((await darkroom.ended(id)).counts).toMatchObject({ succeeded: PHOTOS - 2, failed: 2 });
  return id;
}

/** Compares, approves, rejects two with a note, orders one again and undoes a decision. */
async function reviewed(darkroom: Engine, page: Page, { id, hands }: Step): Promise<void> {
  await hands.open(page, 0);
  const dialog = page.getByRole("dialog", { name: "photo-00.jpg" });
  await dialog.locator(".shown").getByAltText("After").waitFor();
  await hands.press(dialog.getByRole("button", { name: "Zoom in" }));
  await hands.press(dialog.getByRole("button", { name: "Side by side" }));
  expect(await violations(page)).toEqual([]);
  await hands.press(dialog.getByRole("button", { name: "Approve", exact: true }));
  for (const [name, note] of [
    ["photo-01.jpg", "eyes closed"],
    ["photo-02.jpg", "too dark"],
  ] as const) {
    const shown = page.getByRole("dialog", { name, exact: true });
    await hands.press(shown.getByRole("button", { name: "Reject…" }));
    await hands.write(page.getByLabel("Note (optional)"), note);
    await hands.press(page.getByRole("dialog", { name: `Reject ${name}` }).getByRole("button", { name: "Reject" }));
  }
  const next = page.getByRole("dialog", { name: "photo-03.jpg" });
  await hands.press(next.getByRole("button", { name: "Approve", exact: true }));
  // The decision that is undone leads back to its portrait.
  await hands.press(page.getByRole("dialog", { name: "photo-04.jpg" }).getByRole("button", { name: "Undo" }));
  await next.waitFor();
  await hands.press(next.getByRole("button", { name: "Previous" }));
  const rejected = page.getByRole("dialog", { name: "photo-02.jpg" });
  await rejected.getByText("rejected: too dark").waitFor();
  await hands.press(rejected.getByRole("button", { name: "Redo…" }));
  await hands.write(page.getByLabel("What should be different?"), "a brighter face");
  await hands.press(page.getByRole("button", { name: "Show the price" }));
  await page.getByText("1 portrait for 0.05 USD (simulated)").waitFor();
  await hands.press(page.getByRole("button", { name: "Order", exact: true }));
  await rejected.getByText("undecided").waitFor();
  await until(async () => (await decisions(darkroom, id)).join() === "approved,rejected,undecided,undecided", {
    what: "the decisions",
  });
  await until(async () => (await darkroom.ledger.read(id))?.rounds[0]?.opened === 1, { what: "the round" });
  await darkroom.ended(id);
  await hands.press(rejected.getByRole("button", { name: "Approve", exact: true }));
  await until(async () => (await decisions(darkroom, id)).join() === "approved,rejected,approved,undecided", {
    what: "the redone result to be approved",
  });
  await page.keyboard.press("Escape");
}

async function decisions(darkroom: Engine, id: string): Promise<readonly string[]> {
  return (await darkroom.ledger.reviews.range(id, 0, 4)).map(({ state }) => state);
}

/** Tries one group of failures again. */
async function retried(darkroom: Engine, page: Page, { id, hands }: Step): Promise<void> {
  darkroom.twin.faults.clear();
  const group = page.getByRole("list", { name: "Why portraits failed" }).getByRole("listitem").first();
  await hands.press(group.getByRole("button", { name: /^Try 1 portrait again: about 0.05 USD/ }));
  await hands.press(page.getByRole("dialog").getByRole("button", { name: "Try again" }));
  await until(async () => (await darkroom.ledger.read(id))?.counts.succeeded === PHOTOS - 1, { what: "the retry" });
  await darkroom.ended(id);
}

/** Copies the approved results to a final place, and downloads them as a ZIP. */
async function delivered(darkroom: Engine, page: Page, hands: Hands): Promise<void> {
  await hands.press(page.getByRole("button", { name: "Deliver what is approved" }));
  const dialog = page.getByRole("dialog", { name: "Deliver what is approved" });
  await hands.write(dialog.getByLabel("Destination"), `${darkroom.root}final/`);
  await hands.press(dialog.getByRole("button", { name: "Copy 2 portraits" }));
  await dialog.getByText("Done: 2 copied.").waitFor();
  await page.keyboard.press("Escape");
  const there: string[] = [];
  for await (const { key } of darkroom.openStore(`${darkroom.root}final/`).list()) there.push(key);
  expect(there.toSorted()).toEqual(["photo-00.jpg", "photo-02.jpg"]);
  const download = page.waitForEvent("download");
  await hands.press(page.getByRole("link", { name: "the approved ones" }));
  const zip = (await buffer(await (await download).createReadStream())).toString("latin1");
  expect([zip.includes("photo-02.jpg"), zip.includes("photo-01.jpg")]).toEqual([true, false]);
}

/** Makes a link, and reviews as the client on a phone. */
async function seenByClient(
  darkroom: Engine,
  page: Page,
  { id, hands, colorScheme }: Step & { readonly colorScheme: "light" | "dark" },
): Promise<void> {
  await hands.press(page.getByRole("button", { name: "Links for clients" }));
  const dialog = page.getByRole("dialog", { name: "Links for clients" });
  await hands.write(dialog.getByLabel("For whom"), "Acme");
  const mayReview = dialog.getByLabel("May approve and reject");
  if (hands === MOUSE) await mayReview.click();
  else {
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press(" ");
  }
  expect(await mayReview.isChecked()).toBe(true);
  await hands.press(dialog.getByRole("button", { name: "Make a link" }));
  const url = await dialog.getByLabel(/shown only now/).inputValue();
  const client = await openPage(browser, url, { colorScheme, width: 390 });
  await client.getByRole("heading", { name: "Team Nord" }).waitFor();
  await client.getByRole("option").first().waitFor();
  expect(await violations(client)).toEqual([]);
  expect(await client.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
  await hands.open(client, 3);
  const shown = client.getByRole("dialog", { name: "photo-03.jpg" });
  await hands.press(shown.getByRole("button", { name: "Approve", exact: true }));
  await until(async () => (await decisions(darkroom, id)).at(3) === "approved", { what: "the client's decision" });
  expect(await violations(client)).toEqual([]);
}

async function dropFiles(page: Page, files: readonly NamedFile[]): Promise<void> {
  const list = files.map(({ name, buffer: bytes }) => ({ name, text: bytes.toString("base64") }));
  await page.evaluate(`{
    const transfer = new DataTransfer();
    for (const { name, text } of ${JSON.stringify(list)}) {
      const bytes = Uint8Array.from(atob(text), (each) => each.charCodeAt(0));
      transfer.items.add(new File([bytes], name, { type: "image/jpeg" }));
    }
    document.querySelector(".drop").dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true }));
  }`);
}
