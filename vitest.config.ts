import { defineConfig } from "vitest/config";

/** `unit` and `cli` need nothing but Node; `e2e` starts the real stack, so its files run one after the other. */
export default defineConfig({
  test: {
    poolOptions: { forks: { maxForks: 2 } },
    projects: [
      // Starting a worker anew for each of some seventy files took longer than the tests.
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"], isolate: false, testTimeout: 20_000 } },
      { test: { name: "cli", include: ["test/cli/**/*.test.ts"], isolate: false, testTimeout: 30_000 } },
      {
        test: {
          name: "e2e",
          globalSetup: "test/e2e/setup.ts",
          include: ["test/e2e/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
