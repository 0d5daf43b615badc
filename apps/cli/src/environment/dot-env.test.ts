import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { runProgram } from "../program.ts";
import { withDotEnv } from "./dot-env.ts";
import { sendJson, startTestApi } from "../test-kit/test-api.ts";
import { testStatus } from "../test-kit/test-status.ts";
import { testStreams } from "../test-kit/test-streams.ts";

let folder: string | undefined;
afterEach(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true });
  folder = undefined;
});

async function folderWith(dotEnv: string | Uint8Array): Promise<string> {
  folder = await mkdtemp(join(tmpdir(), "darkroom-env-"));
  await writeFile(join(folder, ".env"), dotEnv);
  return folder;
}

async function outputOf(
  variables: Readonly<Record<string, string>>,
  dotEnv: (apiUrl: string) => string,
  command = "pause",
) {
  const status = testStatus({ running: 1 });
  await using api = await startTestApi((_, response) => sendJson(response, status));
  const streams = testStreams();
  const cwd = await folderWith(dotEnv(api.url));
  const code = await runProgram([command, status.id], { variables, cwd, streams });
  return { code, err: streams.err(), headers: api.asked.map(({ headers }) => headers.authorization) };
}

it("reads settings from .env, names them without their values, and lets the environment win", async () => {
  const { code, err, headers } = await outputOf({ DARKROOM_API_KEY: "of-the-environment" }, (url) =>
    [`DARKROOM_API_URL="${url}"`, "DARKROOM_API_KEY=of-the-file", "# a comment", "EACHLABS_API_KEY=secret-key"].join(
      "\n",
    ),
  );
  expect(code).toBe(0);
  expect(err).toContain("Settings from .env: DARKROOM_API_URL, EACHLABS_API_KEY");
  expect(err).not.toContain("secret-key");
  expect(headers[0]).toContain("of-the-environment");
});

it("names no settings for a command that only shows something", async () => {
  const { code, err } = await outputOf({}, (url) => `DARKROOM_API_URL=${url}`, "status");
  expect(code).toBe(0);
  expect(err).not.toContain("Settings from .env");
});

it("reports a misspelt setting in the environment or in .env", async () => {
  const { err } = await outputOf({ DARKROOM_ATEMPTS: "3" }, (url) => `DARKROOM_API_URL=${url}\nDARKROOM_PRICEZ={}`);
  expect(err).toContain(
    "DARKROOM_ATEMPTS is not a setting of Darkroom and is ignored; did you mean DARKROOM_ATTEMPTS?",
  );
  expect(err).toContain("did you mean DARKROOM_PRICES?");
});

it("warns about a name in .env whose prefix is misspelt, without calling it a setting", async () => {
  const { err } = await outputOf({}, (url) => `DARKROOM_API_URL=${url}\nDARKROM_ATTEMPTS=3`);
  expect(err).toContain("Settings from .env: DARKROOM_API_URL\n");
  expect(err).toContain("DARKROM_ATTEMPTS is not a setting of Darkroom; did you mean DARKROOM_ATTEMPTS?");
});

it("reports every invalid setting at once, whichever module reads it", async () => {
  const streams = testStreams();
  const variables = { DARKROOM_TWIN: "ture", DARKROOM_BREAKER_PERCENT: "130", DARKROOM_TWIN_CLOCK: "fast" };
  expect(await runProgram(["list"], { variables, cwd: "/nowhere", streams })).toBe(2);
  expect(streams.err().match(/^ {2}DARKROOM_TWIN must be true or false; it is "ture"$/gm)).toHaveLength(1);
  expect(streams.err()).toContain('DARKROOM_BREAKER_PERCENT must be a whole number from 0 to 100; it is "130"');
  expect(streams.err()).toContain("DARKROOM_TWIN_CLOCK must be a number above 0");
});

it("starts no simulator when another setting is invalid", async () => {
  const streams = testStreams();
  const variables = { DARKROOM_TWIN: "true", DARKROOM_API_URL: "nonsense" };
  expect(await runProgram(["list"], { variables, cwd: "/nowhere", streams })).toBe(2);
  expect(streams.err()).not.toContain("EACHLABS_BASE_URL");
});

it("treats an invalid value in .env like one in the environment", async () => {
  const streams = testStreams();
  const cwd = await folderWith("DARKROOM_API_URL=nonsense");
  const code = await runProgram(["list"], { variables: {}, cwd, streams });
  expect(code).toBe(2);
  expect(streams.err()).toContain("DARKROOM_API_URL must be");
});

it("reads a file as Notepad saves it: with a byte order mark, and as UTF-16", async () => {
  const text = "EACHLABS_API_KEY=of-the-file\r\nDARKROOM_PORT=9000\r\n";
  const utf16 = Buffer.from(`\ufeff${text}`, "utf16le");
  for (const bytes of [Buffer.from(`\ufeff${text}`), utf16, Buffer.from(utf16).swap16()]) {
    const { variables, faults } = withDotEnv({}, await folderWith(bytes));
    expect([variables["EACHLABS_API_KEY"], variables["DARKROOM_PORT"], faults]).toEqual(["of-the-file", "9000", []]);
    await rm(folder ?? "", { recursive: true });
  }
  folder = undefined;
});

it("names lines without a setting, and hides their text", async () => {
  const cwd = await folderWith(
    [
      "# keys",
      "EACHLABS_API_KEY: a-secret",
      "export DARKROOM_PORT=1",
      "",
      'DARKROOM_PRICES="{',
      "}",
      '"',
      "rubbish",
    ].join("\n"),
  );
  const { faults } = withDotEnv({}, cwd);
  expect(faults).toEqual([2, 8].map((line) => `${join(cwd, ".env")}, line ${line}, is not NAME=value and is ignored.`));
});
