import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { TIME_SCALE_ARGS } from "@darkroom/core";

/** Apps that tests start as bundles. Plugins of the API read files beside their modules, so the API is not among them. */
export const BUNDLED = ["worker", "producer"] as const;
export type Bundled = (typeof BUNDLED)[number];
export type App = Bundled | "api";

/** The environment variable with the folder of the bundled apps. */
export const BUNDLED_APPS = "DARKROOM_TEST_APPS";
/** The export condition of the bundles; see packages/core/test/time-scale.ts. */
export const FAST_TIME = "darkroom-test-time";

/** The cache of the apps themselves. Named at the start, it also serves the files that are loaded first. */
const NODE_COMPILE_CACHE = fileURLToPath(new URL("../../../.cache/compiled", import.meta.url));

export interface AppCommand {
  /** Arguments for Node. */
  readonly args: readonly string[];
  /** Added to the environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** Returns the command that starts an app at the time scale of this process. */
export function appCommand(app: App): AppCommand {
  // Bundles already contain the fast time.
  const isFast = process.env[BUNDLED_APPS] !== undefined && TIME_SCALE_ARGS.length > 0;
  const bundled = BUNDLED.find((name) => name === app);
  if (isFast && bundled !== undefined) return bundledApp(bundled);
  const main = fileURLToPath(import.meta.resolve(`@darkroom/${app}`)).replace(/index\.ts$/, "main.ts");
  return { args: [...TIME_SCALE_ARGS, main], env: { NODE_COMPILE_CACHE } };
}

/** Returns the command that starts a bundled app. The app's child processes get the same time scale. */
export function bundledApp(app: Bundled): AppCommand {
  const folder = process.env[BUNDLED_APPS] ?? "";
  return {
    args: [`--conditions=${FAST_TIME}`, join(folder, `${app}.mjs`)],
    env: { NODE_COMPILE_CACHE: join(folder, "compiled") },
  };
}
