import { cp, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Quote } from "@darkroom/core";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { tempFolder, testNamespace, testRedisUrl, type TempFolder } from "@darkroom/testkit";
import { sendJson, startTestApi } from "./test-kit/test-api.ts";
import { runCommand, stopCommands } from "./test-kit/test-command.ts";

const DESIGN = fileURLToPath(new URL("../../../examples/team/design", import.meta.url));
const DRY = ["--preset", "skin-smoothing", "--mode", "eco", "--twin", "--dry-run"];

let folder: TempFolder;
let cwd: string;
let shared: Record<string, string>;

beforeEach(async () => {
  folder = await tempFolder();
  cwd = folder.path;
  const prices = '{"each-sense":{"eco":0.05}}';
  shared = { REDIS_URL: testRedisUrl(), DARKROOM_NAMESPACE: testNamespace(), DARKROOM_PRICES: prices };
  await cp(DESIGN, join(cwd, "photos"), { recursive: true });
});
afterEach(async () => {
  await stopCommands();
  await folder.remove();
});

/** Returns this test's keys in Redis, except the ones that a starting API creates. */
async function keysLeft(): Promise<readonly string[]> {
  const redis = connectRedis({ url: testRedisUrl(), name: "test", onError: () => undefined });
  const keys = await redis.keys(`*${shared["DARKROOM_NAMESPACE"]}*`);
  await closeRedis(redis);
  return keys.toSorted();
}

it("quotes a folder, and leaves no files", { timeout: 120_000 }, async () => {
  await runCommand(["enhance", "photos", "out", ...DRY], { cwd, env: shared });
  const before = await keysLeft();
  const { code, out, err } = await runCommand(["enhance", "photos", "out", ...DRY, "--pilot", "4"], {
    cwd,
    env: shared,
  });
  expect(code, err).toBe(0);
  expect(err).toContain("The pilot of 4 is the whole batch of 4 portraits: nothing waits for approval.");
  expect(out).toMatch(
    /^portraits +4\nlooked at +the beginning of all photos\ncost +nothing: .* it would be 0\.20 USD .*\ntime +5s to 5m, with 10 at once\n/,
  );
  expect(err).toMatch(/nothing was paid, and nothing was written/);
  expect((await readdir(cwd)).sort()).toEqual([".darkroom", "photos"]);
  expect(await readdir(join(cwd, ".darkroom"))).toEqual(["logs"]);
  expect(await keysLeft()).toEqual(before);
});

it("checks a folder without batches, and leaves no files there", async () => {
  await using empty = await tempFolder();
  const list = await runCommand(["list", "--json"], { cwd: empty.path });
  expect(list, list.err).toMatchObject({ code: 0, out: `{"batches":[],"nextCursor":null}\n` });
  const status = await runCommand(["status", "last"], { cwd: empty.path });
  expect(status).toMatchObject({ code: 2, err: expect.stringContaining("There is no batch yet") });
  expect(await readdir(empty.path)).toEqual([]);
});

it("names a folder's other content, and reports each fact once", { timeout: 120_000 }, async () => {
  const photo = join(cwd, "photos/portrait-01.jpg");
  await cp(photo, join(cwd, "photos/same again.jfif"));
  for (const name of ["IMG_0009.CR2", "portrait-01.NEF", "cover.psd", "noext"]) {
    await writeFile(join(cwd, "photos", name), "x");
  }
  const words = ["--prompt", "change the background of the photo", "--mode", "eco", "--twin", "--dry-run"];
  const { code, out, err } = await runCommand(["enhance", "photos", "out", ...words], { cwd, env: shared });
  expect(code, err).toBe(0);
  expect(out).toMatch(
    /^portraits +6\nduplicates 1 with .*: same again\.jfif \(= portrait-01\.jpg\); each is paid for; .*\nleft out +1 camera raw file \(portrait-01\.NEF\); /,
  );
  expect(out).toMatch(/1 picture in an unsupported format \(cover\.psd\); 1 file without an extension \(noext\)\n/);
  expect(out).toMatch(/^unusable +1, .*IMG_0009\.CR2 \(/m);
  expect(out).not.toMatch(/^same /m);
  expect(err).not.toContain("Note:");
});

it.each([
  [
    "globs that match nothing",
    ["--include=Frau*"],
    /include "Frau\*" matches none of the \d+ objects that were looked at, for instance portrait-01\.jpg and portrait-02\.jpg: change or drop it/,
  ],
  ["a folder without a photo", [], /the source file:\/\/\/.* contains no photo: .*1 camera raw file \(a\.ARW\)/],
])("rejects %s before a batch exists, with code 2", { timeout: 120_000 }, async (_, globs, message) => {
  await mkdir(join(cwd, "raws"));
  await writeFile(join(cwd, "raws/a.ARW"), "x");
  const source = globs.length === 0 ? "raws" : "photos";
  const args = ["enhance", source, "out", "--preset", "skin-smoothing", "--mode", "eco", "--twin", ...globs];
  const { code, out, err } = await runCommand(args, { cwd, env: shared });
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toMatch(message);
  expect(await readdir(cwd)).not.toContain("out");
});

it("exits with code 2 when nothing could be enhanced, and --json prints the quote", async () => {
  await writeFile(join(cwd, "team.csv"), "source,mode\nphotos/gone.jpg,\nphotos/portrait-01.jpg,best\n");
  const args = ["submit", "team.csv", "out", ...DRY, "--json"];
  const { code, out, err } = await runCommand(args, { cwd, env: shared });
  expect(code, err).toBe(2);
  const quote = JSON.parse(out) as Quote;
  expect(quote).toMatchObject({ rows: 2, goodRows: 1, badRows: 1, sample: { looked: 1, missing: 1 } });
});

it("sends a local manifest to the named API, and requests only a quote", async () => {
  await writeFile(join(cwd, "team.csv"), "source\ns3://studio/raw/a.jpg\n");
  const problem = { code: "invalid_input", detail: "the manifest is empty", field: "source", status: 400 };
  await using api = await startTestApi(({ method }, response) => {
    if (method === "GET") sendJson(response, { lanes: [] });
    else sendJson(response, problem, 400, "application/problem+json");
  });
  const args = ["enhance", "team.csv", "s3://studio/out/", "--preset", "skin-smoothing", "--mode", "eco", "--dry-run"];
  const { code, err } = await runCommand(args, { cwd, env: { DARKROOM_API_URL: api.url } });
  expect(code, err).toBe(2);
  expect(err).toContain("the manifest is empty");
  const posts = api.asked.filter(({ method }) => method === "POST");
  expect(posts.map(({ url }) => url)).toEqual(["/v1/quotes"]);
  expect(posts[0]?.body).toContain("s3://studio/raw/a.jpg");
});

it("is rejected for a misspelt column, like the run, before the batch is accepted", async () => {
  await writeFile(join(cwd, "promt.csv"), "Name;Foto;promt\nAnna;photos/portrait-01.jpg;soft\n");
  const run = ["enhance", "promt.csv", "out", "--preset", "skin-smoothing", "--mode", "max", "--twin"];
  for (const args of [run, [...run, "--dry-run"]]) {
    const { code, err } = await runCommand(args, { cwd, env: shared });
    expect(code, err).toBe(2);
    expect(err).toMatch(/promt\.csv, line 1: the column "promt" is probably meant to be "prompt".* --carry "promt"/);
    expect(err).not.toMatch(/accepted/);
  }
  const carried = await runCommand([...run, "--dry-run", "--carry", "promt"], { cwd, env: shared });
  expect(carried.code, carried.err).toBe(0);
  expect(carried.out).toMatch(/^carried +to the report, as columns of your own: Name, promt$/m);
}, 120_000);
