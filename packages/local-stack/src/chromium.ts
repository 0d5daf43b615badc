import { DarkroomError } from "@darkroom/core";
import { installPackages, mayInstall } from "./debian.ts";

/**
 * Installs Debian's Chromium.
 *
 * @throws DarkroomError `tool_missing` without root or apt, and when apt fails
 */
export async function installChromium(): Promise<void> {
  if (!(await mayInstall())) {
    throw new DarkroomError(
      "tool_missing",
      "This needs Chromium or Chrome: install one, or set DARKROOM_TEST_BROWSER.",
    );
  }
  await installPackages(["chromium"]);
}
