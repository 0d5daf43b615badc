import { expect, test } from "vitest";
import { importProblems, importsOf, type Workspace, type WorkspacePackage } from "../scripts/check-imports.mjs";

function owner(folder: string, dependencies: string[] = [], devDependencies: string[] = []): WorkspacePackage {
  const [parent, short = ""] = folder.split("/");
  const kind = parent === "apps" ? "app" : "package";
  const exports = { ".": "./src/index.ts" };
  return { name: `@darkroom/${short}`, short, kind, folder, exports, imports: [], dependencies, devDependencies };
}

function problems(packages: WorkspacePackage[], files: Record<string, string>): string[] {
  const workspace: Workspace = {
    packages,
    files: Object.entries(files).map(([path, text]) => ({ path, text })),
    rootDependencies: ["vitest"],
  };
  return importProblems(workspace);
}

test("finds static, type-only, re-exporting, bare and dynamic imports, and none in comments", () => {
  const text = [
    'import { readFile } from "node:fs/promises";',
    'import type { Batch } from "@darkroom/core";',
    "import {",
    "  one,",
    "  type Two,",
    '} from "./several-lines.ts";',
    'import "./effect.ts";',
    'export * from "./everything.ts";',
    'export type { Three } from "./three.ts";',
    '// import { no } from "commented";',
    ' * import("commented-too")',
    'const late = await import("late");',
    'export const notAnImport = "text";',
  ].join("\n");
  expect(importsOf(text)).toEqual([
    { specifier: "node:fs/promises", kind: "static" },
    { specifier: "@darkroom/core", kind: "type" },
    { specifier: "./several-lines.ts", kind: "static" },
    { specifier: "./effect.ts", kind: "static" },
    { specifier: "./everything.ts", kind: "static" },
    { specifier: "./three.ts", kind: "type" },
    { specifier: "late", kind: "dynamic" },
  ]);
});

test("allows an adapter to import core and its kit", () => {
  const ledger = owner("packages/ledger", ["@darkroom/core", "@darkroom/redis-kit", "ioredis"]);
  const text = 'import "@darkroom/core";\nimport "@darkroom/redis-kit";\nimport "ioredis";\nimport "node:path";\n';
  expect(problems([ledger], { "packages/ledger/src/index.ts": text })).toEqual([]);
});

test("rejects one adapter in another, declared or imported", () => {
  const ledger = owner("packages/ledger", ["@darkroom/storage"]);
  expect(problems([ledger], { "packages/ledger/src/a.ts": 'import type { X } from "@darkroom/storage";' })).toEqual([
    "packages/ledger/package.json: depends on @darkroom/storage, but ledger may import only core, redis-kit",
    "packages/ledger/src/a.ts: imports @darkroom/storage, but ledger may import only core, redis-kit",
  ]);
});

test("rejects any of our packages in core", () => {
  const found = problems([owner("packages/core")], { "packages/core/src/a.ts": 'import "@darkroom/config";' });
  expect(found).toEqual(["packages/core/src/a.ts: imports @darkroom/config, but core may import none of our packages"]);
});

test("rejects an app in a package and in another app, but not in the CLI", () => {
  const twin = owner("apps/twin");
  const packages = [twin, owner("apps/cli", [twin.name]), owner("apps/worker", [twin.name])];
  expect(problems([...packages, owner("packages/manifest", [twin.name])], {})).toEqual([
    "apps/worker/package.json: depends on @darkroom/twin, but no part of Darkroom imports an app",
    "packages/manifest/package.json: depends on @darkroom/twin, but no part of Darkroom imports an app",
  ]);
});

test("allows a test to import its package's dev dependencies", () => {
  const worker = owner("apps/worker", [], ["@darkroom/twin", "@darkroom/testkit"]);
  const text = 'import "@darkroom/twin";\nimport "@darkroom/testkit";\nimport "vitest";\n';
  expect(problems([owner("apps/twin"), worker], { "apps/worker/src/a.test.ts": text })).toEqual([]);
  expect(problems([owner("apps/twin"), worker], { "apps/worker/test/a.ts": text })).toEqual([]);
});

test("keeps testkit in tests, and local-stack in the CLI and testkit", () => {
  const api = owner("apps/api", ["@darkroom/testkit", "@darkroom/local-stack"]);
  expect(problems([api, owner("apps/cli", ["@darkroom/local-stack"])], {})).toEqual([
    "apps/api/package.json: depends on @darkroom/testkit, but it is for tests",
    "apps/api/package.json: depends on @darkroom/local-stack, but only cli and bench and simulation and testkit may",
  ]);
});

test("keeps bullmq in lanes and the AWS SDK in storage, in tests too", () => {
  const packages = [
    owner("packages/lanes", ["bullmq"]),
    owner("packages/storage", ["@aws-sdk/client-s3"]),
    owner("packages/ledger", [], ["bullmq", "@aws-sdk/client-s3"]),
  ];
  const text = 'import "bullmq";\nimport "@aws-sdk/client-s3";\n';
  expect(problems(packages, { "packages/lanes/src/a.ts": 'import "bullmq";' })).toEqual([]);
  expect(problems(packages, { "packages/ledger/src/a.test.ts": text })).toEqual([
    "packages/ledger/src/a.test.ts: imports bullmq, but only lanes and bench may",
    "packages/ledger/src/a.test.ts: imports @aws-sdk/client-s3, but only storage may",
  ]);
});

test("rejects undeclared imports, and dev dependencies outside of tests", () => {
  const imaging = owner("packages/imaging", [], ["sharp"]);
  expect(problems([imaging], { "packages/imaging/src/a.ts": 'const sharp = await import("sharp");' })).toEqual([
    "packages/imaging/src/a.ts: imports sharp, but packages/imaging/package.json does not declare it as a dependency",
  ]);
});

test("rejects the inside of another package, by name and by path", () => {
  const packages = [owner("packages/core"), owner("packages/manifest", ["@darkroom/core"])];
  const text = 'import "@darkroom/core/src/ids.ts";\nimport "../../core/src/ids.ts";\n';
  expect(problems(packages, { "packages/manifest/src/a.ts": text })).toEqual([
    "packages/manifest/src/a.ts: imports @darkroom/core/src/ids.ts, but @darkroom/core does not export it",
    "packages/manifest/src/a.ts: imports ../../core/src/ids.ts, but that is outside of its package: import the package by its name",
  ]);
});

test("accepts a subpath that a package exports", () => {
  const kit = { ...owner("packages/provider-kit"), exports: { "./suite": "./test/suite.ts" } };
  const adapter = owner("packages/provider-phota", [], [kit.name]);
  const text = 'import "@darkroom/provider-kit/suite";';
  expect(problems([kit, adapter], { "packages/provider-phota/src/a.test.ts": text })).toEqual([]);
});

test("resolves package names when it searches for import cycles", () => {
  const packages = [owner("packages/core", ["@darkroom/core"])];
  const files = {
    "packages/core/src/index.ts": 'export * from "./a.ts";',
    "packages/core/src/a.ts": 'import "@darkroom/core";',
  };
  expect(problems(packages, files)).toContain(
    "files import each other: packages/core/src/index.ts → packages/core/src/a.ts → packages/core/src/index.ts",
  );
});

test("finds import cycles, of types too, and ignores dynamic imports", () => {
  const core = owner("packages/core");
  const ring = { "packages/core/src/a.ts": 'import "./b.ts";', "packages/core/src/b.ts": 'export * from "./a.ts";' };
  expect(problems([core], ring)).toEqual([
    "files import each other: packages/core/src/a.ts → packages/core/src/b.ts → packages/core/src/a.ts",
  ]);
  const ofTypes = { ...ring, "packages/core/src/b.ts": 'import type { A } from "./a.ts";' };
  expect(problems([core], ofTypes)).toHaveLength(1);
  const open = { ...ring, "packages/core/src/b.ts": 'await import("./a.ts");' };
  expect(problems([core], open)).toEqual([]);
});

test("requires a rule for every package", () => {
  expect(problems([owner("packages/novelty")], {})).toEqual([
    "packages/novelty: say in scripts/import-rules.mjs what @darkroom/novelty may import",
  ]);
});

test("resolves names with # by the package's own manifest", () => {
  const core = { ...owner("packages/core"), imports: ["#scale"] };
  const text = 'import "#scale";\nimport "#other";';
  expect(problems([core], { "packages/core/src/a.ts": text })).toEqual([
    "packages/core/src/a.ts: imports #other, but its package.json has no such import",
  ]);
});
