import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { globSync, statSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown, type Plugin } from "rolldown";
import { BUNDLED, BUNDLED_APPS, bundledApp, FAST_TIME, type Bundled } from "./app-command.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const FOLDER = join(ROOT, ".cache/test-apps");
/** All inputs of a bundle. */
const SOURCES = ["pnpm-lock.yaml", "{apps,packages}/*/{package.json,{src,test}/**/*.ts}"];
/** Packages with native binaries. */
const NOT_BUNDLED = /^(?:sharp|msgpackr-extract)$/;
const KEEP_MS = 24 * 3_600_000;

/**
 * Bundles the apps for tests at fast time, once per state of the sources. Tests start hundreds of processes, and
 * loading a thousand modules takes most of a start's CPU time. The apps' own tests, and tests at real time, start the
 * sources instead.
 */
export default async function bundleApps(): Promise<void> {
  const folder = join(FOLDER, keyOfSources());
  process.env[BUNDLED_APPS] = folder;
  await mkdir(FOLDER, { recursive: true });
  const known = await readdir(FOLDER);
  if (known.some((name) => join(FOLDER, name) === folder)) return;
  const outdated = known.filter((name) => Date.now() - statSync(join(FOLDER, name)).mtimeMs > KEEP_MS);
  await Promise.all(outdated.map(async (name) => rm(join(FOLDER, name), { recursive: true, force: true })));
  const aside = await mkdtemp(join(FOLDER, "new-"));
  const bundle = await rolldown({
    input: Object.fromEntries(BUNDLED.map((app) => [app, join(ROOT, `apps/${app}/src/main.ts`)])),
    platform: "node",
    resolve: { conditionNames: [FAST_TIME, "node", "import", "default"] },
    plugins: [KEEP_PLACES],
    logLevel: "silent",
  });
  await bundle.write({ dir: aside, entryFileNames: "[name].mjs", chunkFileNames: "[name]-[hash].mjs" });
  // Another run may have created the same folder.
  await rename(aside, folder).catch(() => rm(aside, { recursive: true, force: true }));
  await Promise.all(BUNDLED.map(compile));
}

/**
 * Starts an app without Redis, so that the app ends by itself. Node writes its compile cache only then, and tests kill
 * most processes.
 */
async function compile(app: Bundled): Promise<void> {
  const { args, env } = bundledApp(app);
  const settings = { REDIS_URL: "redis://127.0.0.1:1", DARKROOM_TWIN: "true", DARKROOM_LOCAL_ROOTS: "/" };
  const child = spawn(process.execPath, args, { env: { ...env, ...settings }, stdio: "ignore" });
  await once(child, "exit");
}

function keyOfSources(): string {
  const hash = createHash("sha256");
  for (const path of globSync(SOURCES, { cwd: ROOT }).toSorted()) {
    const { size, mtimeMs } = statSync(join(ROOT, path));
    hash.update(`${path} ${size} ${mtimeMs}\n`);
  }
  return hash.digest("hex").slice(0, 16);
}

/** Resolves `import.meta.url` and native packages in bundled modules to their source location. */
const KEEP_PLACES: Plugin = {
  name: "keep-places",
  resolveId: {
    filter: { id: NOT_BUNDLED },
    async handler(id, importer) {
      const found = await this.resolve(id, importer, { skipSelf: true });
      return { id: found === null ? id : pathToFileURL(found.id).href, external: true };
    },
  },
  transform: {
    filter: { code: "import.meta.url" },
    handler: (code, id) => code.replaceAll("import.meta.url", JSON.stringify(pathToFileURL(id).href)),
  },
};
