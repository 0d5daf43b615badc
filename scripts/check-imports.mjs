#!/usr/bin/env node
// Enforces the directions of imports; see import-rules.mjs.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { MAY_IMPORT, MAY_IMPORT_APP, MAY_IMPORT_APPS, ONLY_IN, RESERVED } from "./import-rules.mjs";

const OURS = "@darkroom/";

/**
 * Returns everything that a source file imports. In formatted sources, import and export lines start in the first
 * column. Commented lines do not count.
 */
export function importsOf(text) {
  const found = [];
  const fixed = /^(?:import|export)\s+(type\s+)?(?:[\w$*{},\s]+?\sfrom\s*)?["']([^"'\n]+)["']/gm;
  for (const [, type, specifier] of text.matchAll(fixed)) {
    found.push({ specifier, kind: type === undefined ? "static" : "type" });
  }
  for (const line of text.split("\n")) {
    if (/^\s*(?:\/\/|\/?\*)/.test(line)) continue;
    for (const [, specifier] of line.matchAll(/\bimport\(\s*["'`]([^"'`]+)["'`]/g)) {
      found.push({ specifier, kind: "dynamic" });
    }
  }
  return found;
}

/** Returns a sentence for each violation in a workspace. */
export function importProblems(workspace) {
  return [
    ...workspace.packages.flatMap((each) => manifestProblems(each, workspace)),
    ...workspace.files.flatMap((file) => fileProblems(file, workspace)),
    ...cycleProblems(workspace),
  ];
}

function manifestProblems(owner, workspace) {
  const problems = [];
  if (owner.kind === "package" && MAY_IMPORT[owner.short] === undefined) {
    problems.push(`${owner.folder}: say in scripts/import-rules.mjs what ${owner.name} may import`);
  }
  for (const name of owner.dependencies) {
    const why = forbidden(owner, name, false, workspace);
    if (why !== undefined) problems.push(`${owner.folder}/package.json: depends on ${name}, but ${why}`);
  }
  return problems;
}

function fileProblems(file, workspace) {
  const owner = workspace.packages.find((each) => file.path.startsWith(`${each.folder}/`));
  if (owner === undefined) return [`${file.path}: belongs to no package`];
  const problems = new Set();
  for (const { specifier } of importsOf(file.text)) {
    const why = specifier.startsWith(".")
      ? relativeProblem(owner, file, specifier)
      : bareProblem(owner, file, specifier, workspace);
    if (why !== undefined) problems.add(`${file.path}: imports ${specifier}, but ${why}`);
  }
  return [...problems];
}

function relativeProblem(owner, file, specifier) {
  const target = posix.join(posix.dirname(file.path), specifier);
  if (!target.startsWith(`${owner.folder}/`)) return "that is outside of its package: import the package by its name";
  if (!isTest(file.path) && isTest(target)) return "that is a test";
  return undefined;
}

function bareProblem(owner, file, specifier, workspace) {
  if (specifier.startsWith("node:") || builtinModules.includes(specifier)) return undefined;
  if (specifier.startsWith("#"))
    return owner.imports.includes(specifier) ? undefined : "its package.json has no such import";
  const parts = specifier.split("/");
  const name = parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
  const test = isTest(file.path);
  const why = forbidden(owner, name, test, workspace);
  if (why !== undefined) return why;
  const target = workspace.packages.find((each) => each.name === name);
  if (target !== undefined && exported(target, specifier) === undefined) return `${name} does not export it`;
  if (name === owner.name) return "that is its own package: import the file";
  const declared = test
    ? [...owner.dependencies, ...owner.devDependencies, ...workspace.rootDependencies]
    : owner.dependencies;
  if (declared.includes(name)) return undefined;
  return `${owner.folder}/package.json does not declare it${test ? "" : " as a dependency"}`;
}

/** Returns the file of a package that a specifier refers to, if the package exports it. */
function exported(target, specifier) {
  const file = target.exports[`.${specifier.slice(target.name.length)}`];
  return file === undefined ? undefined : posix.join(target.folder, file);
}

/** Explains why a package may not import another; undefined when it may. */
function forbidden(owner, name, test, workspace) {
  for (const [reserved, only] of Object.entries(ONLY_IN)) {
    const meant = reserved.endsWith("/") ? name.startsWith(reserved) : name === reserved;
    if (meant && !only.includes(owner.short)) return `only ${only.join(" and ")} may`;
  }
  if (test || !name.startsWith(OURS)) return undefined;
  const short = name.slice(OURS.length);
  if (workspace.packages.find((each) => each.name === name)?.kind === "app") {
    const isAllowed = MAY_IMPORT_APPS.includes(owner.short) || MAY_IMPORT_APP[owner.short]?.includes(short);
    return owner.kind === "app" && isAllowed ? undefined : "no part of Darkroom imports an app";
  }
  const only = RESERVED[short];
  if (only !== undefined && !only.includes(owner.short)) {
    return only.length === 0 ? "it is for tests" : `only ${only.join(" and ")} may`;
  }
  if (owner.kind === "app" || MAY_IMPORT[owner.short]?.includes(short) !== false) return undefined;
  const may = MAY_IMPORT[owner.short];
  return `${owner.short} may import ${may.length === 0 ? "none of our packages" : `only ${may.join(", ")}`}`;
}

function isTest(path) {
  return path.endsWith(".test.ts") || /^(?:(?:apps|packages)\/[^/]+\/)?test\//.test(path);
}

/**
 * Finds cycles of files that import each other, types included: to understand one of them, a reader needs all of them.
 * Dynamic imports do not count, because they load later.
 */
function cycleProblems({ files, packages }) {
  const paths = new Set(files.map(({ path }) => path));
  const graph = new Map();
  for (const { path, text } of files) {
    const targets = importsOf(text)
      .filter(({ kind }) => kind !== "dynamic")
      .map(({ specifier }) => {
        if (specifier.startsWith(".")) return posix.join(posix.dirname(path), specifier);
        const target = packages.find(({ name }) => specifier === name || specifier.startsWith(`${name}/`));
        return target === undefined ? undefined : exported(target, specifier);
      });
    graph.set(
      path,
      targets.filter((target) => target !== undefined && paths.has(target)),
    );
  }
  const problems = [];
  const done = new Set();
  const trail = [];
  const visit = (path) => {
    const start = trail.indexOf(path);
    if (start >= 0) problems.push(`files import each other: ${[...trail.slice(start), path].join(" → ")}`);
    if (start >= 0 || done.has(path)) return;
    trail.push(path);
    for (const target of graph.get(path)) visit(target);
    trail.pop();
    done.add(path);
  };
  for (const path of graph.keys()) visit(path);
  return problems;
}

/** Reads the packages and sources of a checkout. */
function readWorkspace(root) {
  const readJson = (path) => JSON.parse(readFileSync(join(root, path), "utf8"));
  const names = (dependencies) => Object.keys(dependencies ?? {});
  const packages = [];
  const files = [];
  for (const parent of ["packages", "apps", "."]) {
    for (const entry of parent === "."
      ? ["bench/simulation", "bench", "test/engine"]
      : readdirSync(join(root, parent))) {
      const folder = posix.join(parent, entry);
      if (!existsSync(join(root, folder, "package.json"))) continue;
      const manifest = readJson(`${folder}/package.json`);
      packages.push({
        name: manifest.name,
        short: manifest.name.slice(OURS.length),
        kind: parent === "packages" ? "package" : "app",
        folder,
        exports: manifest.exports ?? {},
        imports: names(manifest.imports),
        dependencies: names({
          ...manifest.dependencies,
          ...manifest.peerDependencies,
          ...manifest.optionalDependencies,
        }),
        devDependencies: names(manifest.devDependencies),
      });
      for (const path of sourcesIn(root, folder)) files.push({ path, text: readFileSync(join(root, path), "utf8") });
    }
  }
  return { packages, files, rootDependencies: names(readJson("package.json").devDependencies) };
}

function sourcesIn(root, folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    // A folder with its own package.json is a package.
    const isForeign =
      ["node_modules", "out", "dist"].includes(entry.name) || existsSync(join(root, path, "package.json"));
    if (entry.isDirectory()) return isForeign ? [] : sourcesIn(root, path);
    return /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const workspace = readWorkspace(dirname(dirname(fileURLToPath(import.meta.url))));
  const problems = importProblems(workspace);
  for (const problem of problems) console.error(problem);
  console.log(`${workspace.files.length} files in ${workspace.packages.length} packages: ${problems.length} problems`);
  // A check that inspected nothing must not pass.
  if (problems.length > 0 || workspace.files.length === 0) process.exitCode = 1;
}
