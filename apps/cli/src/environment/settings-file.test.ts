import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readEngineSettings } from "@darkroom/config";
import { tempFolder } from "@darkroom/testkit";
import { withSettingsFiles } from "./settings-file.ts";

async function read(files: Readonly<Record<string, string>>, environment: Readonly<Record<string, string>> = {}) {
  await using folder = await tempFolder();
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, name), text);
  const { variables, added } = withSettingsFiles(environment, folder.path);
  return { variables, added: Object.fromEntries(added) };
}

test("the environment comes before .env, and .env before darkroom.toml", async () => {
  const found = await read(
    {
      ".env": "DARKROOM_PORT=2\nDARKROOM_HOST=of-dot-env",
      "darkroom.toml": 'DARKROOM_PORT = 3\nDARKROOM_HOST = "of-toml"\nDARKROOM_NAMESPACE = "studio"',
    },
    { DARKROOM_PORT: "1", DARKROOM_NAMESPACE: " " },
  );
  expect(found).toEqual({
    variables: { DARKROOM_PORT: "1", DARKROOM_HOST: "of-dot-env", DARKROOM_NAMESPACE: "studio" },
    added: { ".env": ["DARKROOM_HOST"], "darkroom.toml": ["DARKROOM_NAMESPACE"] },
  });
});

const TOML = `
# Comments are allowed.
DARKROOM_PORT = 8_090
DARKROOM_BREAKER = false
DARKROOM_LOCAL_ROOTS = ["/studio", "/archive"]
EACHLABS_API_KEY = "a-key"

[DARKROOM_PRICES.each-sense]
max = 0.2
eco = 0.05

[[DARKROOM_ACCOUNTS]]
lane = "studio-b"
provider = "each-sense"
keyVariable = "STUDIO_B_KEY"
`;

const JSON_TEXT = JSON.stringify({
  DARKROOM_PORT: 8090,
  DARKROOM_BREAKER: false,
  DARKROOM_LOCAL_ROOTS: ["/studio", "/archive"],
  EACHLABS_API_KEY: "a-key",
  DARKROOM_PRICES: { "each-sense": { max: 0.2, eco: 0.05 } },
  DARKROOM_ACCOUNTS: [{ lane: "studio-b", provider: "each-sense", keyVariable: "STUDIO_B_KEY" }],
});

test.each([
  ["darkroom.toml", TOML],
  ["darkroom.json", `\uFEFF${JSON_TEXT}`],
])("%s holds numbers, booleans, lists and tables, which the settings understand", async (name, text) => {
  const { variables } = await read({ [name]: text }, { STUDIO_B_KEY: "another-key" });
  expect(variables).toMatchObject({ DARKROOM_PORT: "8090", DARKROOM_LOCAL_ROOTS: "/studio,/archive" });
  const { api, breaker, providers } = readEngineSettings(variables);
  expect([api.port, breaker]).toEqual([8090, false]);
  expect(providers.prices).toMatchObject({ "each-sense": { max: 0.2, eco: 0.05 } });
});

test.each([
  [{ "darkroom.toml": 'A = "s3cret' }, /darkroom\.toml cannot be read: line 1, column \d+ is not valid TOML/],
  [{ "darkroom.json": '{"A": "s3cret"' }, /darkroom\.json cannot be read: it is not valid JSON/],
  [{ "darkroom.json": '["s3cret"]' }, /darkroom\.json must hold names and values/],
  [{ "darkroom.toml": "A = 1", "darkroom.json": '{"A": 2}' }, /both darkroom\.toml and darkroom\.json/],
])("refuses %o without its values", async (files, why) => {
  const error: unknown = await read(files).catch((thrown: unknown) => thrown);
  expect(String(error)).toMatch(why);
  expect(String(error)).not.toContain("s3cret");
});
