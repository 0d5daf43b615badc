import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type TempFolder } from "@darkroom/testkit";
import { commandFolder } from "./command-folder.ts";
import { runCommand, stopCommands } from "../src/test-kit/test-command.ts";

const DESIGN = fileURLToPath(new URL("../../../examples/team/design", import.meta.url));

let folder: TempFolder;

beforeEach(async () => {
  folder = await commandFolder();
  await cp(DESIGN, join(folder.path, "photos"), { recursive: true });
});
afterEach(async () => {
  await stopCommands();
  await folder.remove();
});

it(
  "a batch in a Redis that was just restarted is completely known: nothing of it may have been billed",
  { timeout: 120_000 },
  async () => {
    const enhance = (to: string) =>
      runCommand(["enhance", "photos", to, "--preset", "skin-smoothing", "--provider", "phota", "--twin"], {
        cwd: folder.path,
      });
    // Each command restarts the Redis of the data folder.
    for (const to of ["first", "second"]) {
      const { code, out, err } = await enhance(to);
      expect(code, err).toBe(0);
      expect(out).toContain("4 of 4 done · 4 succeeded");
      expect(out).not.toContain("may have been billed");
    }
  },
);
