import { defineConfig, type TestProjectConfiguration } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * The import condition under which `#time-scale` is packages/core/test/time-scale.ts. Also passed to Node's workers.
 */
const FAST_TIME = ["darkroom-test-time", "node"];

/**
 * Tests that run with unscaled times: they prove that the times fit each other, measure them or simulate them. Each of
 * the protocol's times has a test in this list that depends on it.
 */
const REAL_TIME = [
  "test/engine/**/{dying-workers,producers,redis-behind,chaos,control,unattended,blocked-destination,same-destination}.test.ts",
  "bench/src/**/*.test.ts",
  "bench/simulation/src/**/*.test.ts",
];

/** The longest other files. */
const LONG =
  /\/(?:attended-batches|unstored-results|redis-sentinel|redis-cluster|worker-memory|command-line|command-life|phota|refusing-destinations|left-alone|sigkill|sigkill-phota|deadly-portraits|recovery|fallback|drafts|right-face)\.test\.ts$/;

/**
 * Starts the files first that take longest, mostly waiting: the short ones then use the CPU beside them. Vitest itself
 * orders by project, and by size on a machine without earlier durations.
 */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ project: { name }, moduleId }: TestSpecification): number =>
      name === "real time" ? 0 : LONG.test(moduleId) ? 1 : 2;
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

function project(
  name: string,
  include: string[],
  more: { exclude?: string[]; fastTime: boolean },
): TestProjectConfiguration {
  return {
    extends: true,
    ...(more.fastTime ? { ssr: { resolve: { conditions: FAST_TIME } } } : {}),
    test: { name, include, ...(more.exclude === undefined ? {} : { exclude: more.exclude }) },
  };
}

export default defineConfig({
  test: {
    globalSetup: ["./packages/testkit/src/vitest-global-setup.ts", "./test/engine/kit/bundle-apps.ts"],
    pool: "forks",
    // Test files share the modules of their process. No test leaves global state behind.
    isolate: false,
    // Most tests wait for a death, a lease or the provider.
    maxWorkers: 5,
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
    projects: [
      project(
        "fast time",
        ["packages/*/{src,test}/**/*.test.ts", "apps/*/{src,test}/**/*.test.ts", "test/**/*.test.ts"],
        {
          exclude: [...REAL_TIME, "**/node_modules/**"],
          fastTime: true,
        },
      ),
      project("real time", REAL_TIME, { fastTime: false }),
    ],
  },
});
