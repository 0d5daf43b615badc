import { spawnSync } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const REPOSITORY = fileURLToPath(new URL("..", import.meta.url));
const KNIP = join(REPOSITORY, "node_modules/knip/bin/knip.js");

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "darkroom-unused-"));
  for (const name of ["knip.json", "pnpm-workspace.yaml"]) await cp(join(REPOSITORY, name), join(root, name));
  await write("package.json", JSON.stringify({ name: "darkroom", private: true, type: "module" }));
  await owner("packages/core", {});
  await owner("apps/cli", { "@darkroom/core": "workspace:*" });
  await mkdir(join(root, "apps/cli/node_modules/@darkroom"), { recursive: true });
  await symlink(join(root, "packages/core"), join(root, "apps/cli/node_modules/@darkroom/core"));
  await write("packages/core/src/index.ts", 'export { used } from "./a.ts";\n');
  await write("packages/core/src/a.ts", "export const used = 1;\n");
  await write("apps/cli/src/main.ts", 'import { used } from "@darkroom/core";\nconsole.log(used);\n');
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

async function owner(folder: string, dependencies: Record<string, string>): Promise<void> {
  const name = folder.replace(/^(?:apps|packages)/, "@darkroom");
  const exports = { ".": "./src/index.ts" };
  await write(`${folder}/package.json`, JSON.stringify({ name, private: true, type: "module", exports, dependencies }));
}

/** Returns the check's output for the workspace, line by line. */
function found(): { readonly status: number | null; readonly lines: readonly string[] } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [KNIP, "--no-progress", "--no-config-hints", "--reporter", "compact"],
    { cwd: root, encoding: "utf8" },
  );
  return { status, lines: `${stdout}${stderr}`.split("\n").filter((line) => line.includes(": ")) };
}

test("reports nothing if every export and dependency is used", () => {
  expect(found()).toEqual({ status: 0, lines: [] });
});

test.each<[string, Record<string, string>, RegExp]>([
  [
    "an export that its own file alone uses",
    { "packages/core/src/a.ts": "export const used = 1;\nexport const own = used;\n" },
    /a\.ts: own/,
  ],
  [
    "what a package gives and no other takes",
    {
      "packages/core/src/index.ts": 'export { used, given } from "./a.ts";\n',
      "packages/core/src/a.ts": "export const used = 1;\nexport const given = 2;\n",
    },
    /index\.ts: given/,
  ],
  [
    "a type that no other file names",
    { "packages/core/src/a.ts": "export const used = 1;\nexport type Own = string;\n" },
    /a\.ts: Own/,
  ],
  ["a file that is in use nowhere", { "packages/core/src/b.ts": "console.log(1);\n" }, /packages\/core\/src\/b\.ts/],
])("reports %s", async (_, files, line) => {
  for (const [path, text] of Object.entries(files)) await write(path, text);
  const { status, lines } = found();
  expect(status).toBe(1);
  expect(lines.join("\n")).toMatch(line);
});

test("reports a declared dependency that is not used, and one that is used but not declared", async () => {
  await owner("packages/core", { "left-pad": "1.0.0" });
  await write("packages/core/src/a.ts", 'import "undeclared";\nexport const used = 1;\n');
  const { status, lines } = found();
  expect(status).toBe(1);
  expect(lines.join("\n")).toMatch(/left-pad/);
  expect(lines.join("\n")).toMatch(/undeclared/);
});
