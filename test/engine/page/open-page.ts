import axe, { type AxeResults } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { expect, onTestFinished } from "vitest";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

export interface OpenOptions {
  readonly colorScheme?: "light" | "dark";
  /** Of the window, in px. Defaults to 1,200. */
  readonly width?: number;
  /** Expected HTTP error statuses. For example, a picture may not exist yet. */
  readonly expected?: readonly number[];
}

/** Opens a page and fails the test on any unexpected error in its console. */
export async function openPage(
  browser: Browser,
  url: string,
  { colorScheme = "light", width = 1_200, expected = [404] }: OpenOptions = {},
): Promise<Page> {
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    const status = Number(/status of (\d+)/.exec(message.text())?.[1]);
    if (message.type() === "error" && !expected.includes(status)) errors.push(message.text());
  });
  onTestFinished(async () => {
    await context.close();
    expect(errors).toEqual([]);
  });
  await page.goto(url);
  return page;
}

/** Returns the violations of WCAG 2.2 AA that axe finds: the rule and the elements. */
export async function violations(page: Page): Promise<readonly string[]> {
  // The page's policy forbids inline scripts, so axe is injected through the debugger.
  await page.evaluate(axe.source);
  const run = `axe.run({ runOnly: ${JSON.stringify(RULES)} })`;
  const { violations: found } = await page.evaluate<AxeResults>(run);
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}
