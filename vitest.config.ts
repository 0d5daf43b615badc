import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "packages/*/{src,test}/**/*.test.ts",
      "apps/*/{src,test}/**/*.test.ts",
      "bench/src/**/*.test.ts",
      "bench/simulation/src/**/*.test.ts",
      "test/**/*.test.ts",
    ],
    globalSetup: ["./packages/testkit/src/vitest-global-setup.ts"],
    pool: "forks",
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
  },
});
