import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, expect, it } from "vitest";
import { tempFolder } from "@darkroom/testkit";
import { startEngine, type Engine } from "../kit/engine.ts";

const EXAMPLE = fileURLToPath(new URL("../../../examples/enhance-folder.ts", import.meta.url));

let engine: Engine;
afterEach(async () => await engine.close());

it("examples/enhance-folder.ts submits, waits by events and downloads the results", { timeout: 60_000 }, async () => {
  engine = await startEngine();
  await using folder = await tempFolder();
  await engine.addPhotos(3, (index) => `sales/p${index}.jpg`);
  const program = [EXAMPLE, `${engine.root}in/`, `${engine.root}out/`, folder.path];
  const env = { PATH: process.env["PATH"], DARKROOM_API_URL: engine.api.url };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, program, { env });
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^batch\.accepted \{\}\n[^]*\nbatch\.completed \{.*"succeeded":3,/);
  const names = ["p0.jpg", "p1.jpg", "p2.jpg"];
  expect((await readdir(join(folder.path, "sales"))).toSorted()).toEqual(names);
  for (const name of names) {
    const stored = await readFile(new URL(`out/sales/${name}`, engine.root));
    expect(await readFile(join(folder.path, "sales", name))).toEqual(stored);
  }
});
