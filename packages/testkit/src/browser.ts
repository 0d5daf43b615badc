import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { DarkroomError } from "@darkroom/core";
import { installChromium } from "@darkroom/local-stack";
import type { Browser } from "playwright-core";
import { environmentValue } from "./environment.ts";

/** Executable names of Chromium and of browsers based on it, on Linux. */
const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge"];
const MAC = ["/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"];

/**
 * Starts a real headless browser: the one in `DARKROOM_TEST_BROWSER`, or an installed Chromium or Chrome. As root on
 * Debian, installs Chromium first if necessary.
 *
 * @throws DarkroomError `tool_missing` with the package to install
 */
export async function startBrowser(): Promise<Browser> {
  // Imported dynamically, because most tests need no browser.
  const { chromium } = await import("playwright-core");
  if ((await findBrowser()) === undefined) await installChromium();
  const executablePath = await findBrowser();
  if (executablePath === undefined)
    throw new DarkroomError("tool_missing", "Chromium was installed, but is not in PATH.");
  // Chromium's sandbox does not work as root.
  return await chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0 });
}

async function findBrowser(): Promise<string | undefined> {
  const named = environmentValue("DARKROOM_TEST_BROWSER");
  if (named !== undefined) return named;
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  for (const path of [...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))), ...MAC]) {
    if (await isProgram(path)) return path;
  }
  return undefined;
}

async function isProgram(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
