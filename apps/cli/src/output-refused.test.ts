import { openSync, closeSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));
const FULL = "/dev/full";

/** Runs a command whose standard output rejects every write, and returns its other output. */
function intoFullDisk(args: readonly string[]) {
  const full = openSync(FULL, "w");
  try {
    const stdio = ["ignore", full, "pipe"] as const;
    return spawnSync(process.execPath, [MAIN, ...args], { stdio: [...stdio], encoding: "utf8" });
  } finally {
    closeSync(full);
  }
}

// `/dev/full`, which always reports a full disk, exists only on Linux.
it.runIf(process.platform === "linux").each(["presets", "--help"])(
  "%s into a full disk ends with one line of plain words",
  (command) => {
    const { status, stderr } = intoFullDisk([command]);
    expect(stderr).toBe("darkroom: the output cannot be written: the disk is full\n");
    expect(status).toBe(1);
  },
);
