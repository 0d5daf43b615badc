import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { batchKeys, type BatchStatus, type Quote } from "@darkroom/core";
import { testNamespace, testRedisUrl, type TempFolder } from "@darkroom/testkit";
import { commandFolder } from "./command-folder.ts";
import { runCommand, stopCommands } from "../src/test-kit/test-command.ts";

const DESIGN = fileURLToPath(new URL("../../../examples/team/design", import.meta.url));
const FIRST = ["enhance", "photos", "out", "--preset", "skin-smoothing", "--mode", "eco", "--twin", "--json"];
const OTHER = ["enhance", "photos", "out", "--preset", "background-blur", "--mode", "eco", "--twin", "--json"];

let folder: TempFolder;
let cwd: string;
let env: Record<string, string>;

beforeEach(async () => {
  folder = await commandFolder();
  cwd = folder.path;
  const prices = '{"each-sense":{"eco":0.05}}';
  env = { REDIS_URL: testRedisUrl(), DARKROOM_NAMESPACE: testNamespace(), DARKROOM_PRICES: prices };
  await cp(DESIGN, join(cwd, "photos"), { recursive: true });
});
afterEach(async () => {
  await stopCommands();
  await folder.remove();
});

const result = async (): Promise<Buffer> => await readFile(join(cwd, "out/portrait-01.jpg"));

it("results of another recipe are replaced only when that is ordered", { timeout: 180_000 }, async () => {
  const first = await runCommand(FIRST, { cwd, env });
  expect(first.code, first.err).toBe(0);
  const made = await result();

  const dry = await runCommand([...OTHER, "--dry-run"], { cwd, env });
  expect(dry.code, dry.err).toBe(2);
  expect(JSON.parse(dry.out) as Quote).toMatchObject({
    sample: { otherRecipe: { results: 4, usd: 0.2, recipes: ["skin-smoothing · eco · each-sense"] }, taken: 0 },
    refusal: expect.stringMatching(/results of another recipe \(skin-smoothing · eco .*--remake/) as string,
  });

  const refused = await runCommand(OTHER, { cwd, env });
  expect(refused.code, refused.err).toBe(2);
  expect(JSON.parse(refused.out)).toMatchObject({ error: { code: "conflict", field: "overwrite" } });
  expect(refused.out).toMatch(
    /for all 4 photos that were looked at, which cost about 0\.20 USD \(simulated\).*--remake/,
  );
  expect(refused.err).not.toContain("is accepted");
  expect(await result()).toEqual(made);

  const same = await runCommand(FIRST, { cwd, env });
  expect(same.code, same.err).toBe(0);
  expect(JSON.parse(same.out) as BatchStatus).toMatchObject({ counts: { skipped: 4 } });

  const remade = await runCommand([...OTHER, "--remake"], { cwd, env });
  expect(remade.code, remade.err).toBe(0);
  const { id, counts } = JSON.parse(remade.out) as BatchStatus;
  expect(counts).toMatchObject({ succeeded: 4 });
  expect(await result()).not.toEqual(made);
  const spec = JSON.parse(await readFile(join(cwd, "out", batchKeys(id).spec), "utf8")) as object;
  expect(spec).toMatchObject({ destination: { overwrite: "other-recipe" } });
});

it("bad rows refuse a manifest, and are reported where they are skipped", { timeout: 180_000 }, async () => {
  const rows = [
    "source;mode",
    "photos/portrait-01.jpg;",
    "photos/portrait-02.jpg;turbo",
    "photos/portrait-03.jpg;best",
  ];
  await writeFile(join(cwd, "team.csv"), `sep=;\r\n${rows.join("\r\n")}\r\n`);
  const args = ["enhance", "team.csv", "out", "--preset", "skin-smoothing", "--mode", "eco", "--twin"];
  const refused = await runCommand(args, { cwd, env });
  expect({ code: refused.code, out: refused.out }).toEqual({ code: 2, out: "" });
  expect(refused.err).toMatch(/the manifest has 2 mistakes:\nteam\.csv, line 4, mode: .*\nteam\.csv, line 5, mode: /);
  expect(refused.err).toContain("--skip-bad-rows");
  const dry = await runCommand([...args, "--dry-run"], { cwd, env });
  expect(dry.code, dry.err).toBe(2);
  expect(dry.out).toMatch(/This submission would be refused\. The manifest has 2 bad rows\. .*--skip-bad-rows/);

  const skipped = await runCommand([...args, "--skip-bad-rows"], { cwd, env });
  expect(skipped.code, skipped.err).toBe(3);
  const why =
    'invalid_row 1: mode "turbo" is not known; use max, eco (line 4); 1: mode "best" is not known; use max, eco (line 5)';
  expect(skipped.out).toContain(why);
  expect(skipped.err).toContain("2 portraits cannot be made (invalid_row): 1: mode");
  expect((await runCommand(["status", "last"], { cwd, env })).out).toContain(why);
});
