import type { Browser, Page } from "playwright-core";
import { until } from "@darkroom/testkit";
import type { ShownEngine } from "./shown-engine.ts";

const VIEWS = ["batches", "batch", "comparison", "changes", "side-by-side", "new-batch", "deliver", "client"] as const;
type View = (typeof VIEWS)[number];

/** A picture of a view. */
export interface Shot {
  readonly name: string;
  readonly view: View;
  readonly width: number;
  readonly colorScheme: "light" | "dark";
}

const shot = (view: View, width: number, colorScheme: Shot["colorScheme"], name: string): Shot => ({
  name,
  view,
  width,
  colorScheme,
});

/** The pictures of README and docs. */
export const DOCS_SHOTS: readonly Shot[] = [
  shot("batch", 1_200, "light", "page-sheet"),
  shot("comparison", 1_200, "dark", "page-comparison"),
  shot("client", 390, "light", "page-client"),
];

/** Every view in every size, for visual review. */
export const EVERY_SHOT: readonly Shot[] = VIEWS.flatMap((view) =>
  [390, 820, 1_440].flatMap((width) =>
    (["light", "dark"] as const).map((scheme) => shot(view, width, scheme, `${view}-${width}-${scheme}`)),
  ),
);

/** Opens a view as a user would, waits for its pictures, and saves a screenshot. */
export async function takeShot(
  browser: Browser,
  shown: ShownEngine,
  { shot: { view, width, colorScheme }, path }: { readonly shot: Shot; readonly path: string },
): Promise<void> {
  const context = await browser.newContext({ colorScheme, viewport: { width, height: width < 500 ? 844 : 800 } });
  try {
    const page = await context.newPage();
    await open(page, shown, view);
    const loaded = "[...document.images].every((image) => image.complete && image.naturalWidth > 0)";
    await until(async () => await page.evaluate<boolean>(loaded), { what: "the pictures" });
    await page.screenshot({ path, type: "jpeg", quality: 85 });
  } finally {
    await context.close();
  }
}

async function open(page: Page, { url, batchId, clientPath }: ShownEngine, view: View): Promise<void> {
  switch (view) {
    case "batches":
      await page.goto(url);
      await page.getByRole("article").first().waitFor();
      return;
    case "new-batch":
      await page.goto(`${url}/new`);
      await page.getByLabel("Name (optional)").waitFor();
      return;
    case "client":
      await page.goto(`${url}${clientPath}`);
      await page.getByRole("option").first().waitFor();
      return;
    case "batch":
    case "deliver":
    case "comparison":
    case "changes":
    case "side-by-side":
      await page.goto(`${url}/batches/${batchId}`);
      await page
        .getByRole("option", { name: /portrait-01/ })
        .first()
        .waitFor();
      return await openOnBatch(page, view);
  }
}

async function openOnBatch(page: Page, view: View): Promise<void> {
  if (view === "batch") return;
  if (view === "deliver") {
    await page.getByRole("button", { name: "Deliver what is approved" }).click();
    await page.getByLabel("Destination").fill("s3://acme/final/");
    return;
  }
  await page
    .getByRole("option", { name: /portrait-02/ })
    .first()
    .click();
  await page.locator(".shown").getByAltText("After").waitFor();
  if (view === "side-by-side") {
    await page.keyboard.press("s");
    await page.keyboard.press("+");
  }
  if (view !== "changes") return;
  await page.keyboard.press("c");
  await page.getByRole("img", { name: /^From yellow/ }).waitFor();
}
