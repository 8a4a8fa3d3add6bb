import { defineConfig } from "vitest/config";

/** `unit` and `cli` need nothing but Node; `e2e` shares one real stack: run it with --no-file-parallelism. */
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
          // One file at a time: each begins by making the shared stack empty.
          poolOptions: { forks: { singleFork: true } },
        },
      },
      {
        test: {
          name: "chaos",
          globalSetup: "test/e2e/setup.ts",
          include: ["test/chaos/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          poolOptions: { forks: { singleFork: true } },
        },
      },
      {
        test: {
          // Servers of its own, each with credentials: no file of it needs the stack of the others.
          name: "remote",
          globalSetup: "test/remote/setup.ts",
          include: ["test/remote/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          poolOptions: { forks: { singleFork: true } },
        },
      },
      {
        test: {
          name: "kubernetes",
          include: ["test/kubernetes/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: "docker",
          globalSetup: "test/docker/setup.ts",
          include: ["test/docker/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
