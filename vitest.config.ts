import { defineConfig } from "vitest/config";

/** What starts servers: one file after the other, for each begins by making the shared stack empty. */
const servers = {
  testTimeout: 300_000,
  hookTimeout: 300_000,
  isolate: true,
  poolOptions: { forks: { singleFork: true } },
};

/** `unit`, `cli` and `property` need nothing but Node. Which files run when is in `.ci/suites`. */
export default defineConfig({
  test: {
    // Only here does `isolate` decide whether each file gets a worker of its own, whose start took longer than its tests. Files
    // of one project share workers, those of two projects never do.
    poolOptions: { forks: { maxForks: 2, isolate: false } },
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"], testTimeout: 20_000 } },
      { test: { name: "cli", include: ["test/cli/**/*.test.ts"], testTimeout: 30_000 } },
      // Many drawn or large inputs: seconds for each.
      { test: { name: "property", include: ["test/property/**/*.test.ts"], testTimeout: 120_000 } },
      {
        test: {
          ...servers,
          name: "e2e",
          globalSetup: "test/e2e/setup.ts",
          include: ["test/e2e/**/*.test.ts"],
        },
      },
      {
        test: {
          ...servers,
          name: "chaos",
          globalSetup: "test/e2e/setup.ts",
          include: ["test/chaos/**/*.test.ts"],
        },
      },
      {
        test: {
          ...servers,
          name: "truth",
          globalSetup: "test/e2e/setup.ts",
          include: ["test/truth/**/*.test.ts"],
        },
      },
      {
        test: {
          ...servers,
          name: "interop",
          globalSetup: "test/e2e/setup.ts",
          include: ["test/interop/**/*.test.ts"],
        },
      },
      {
        test: {
          ...servers,
          // Servers of its own, each with credentials: no file of it needs the stack of the others.
          name: "remote",
          globalSetup: "test/remote/setup.ts",
          include: ["test/remote/**/*.test.ts"],
          // The first one builds the servers from their sources: minutes on a machine that others use.
          hookTimeout: 900_000,
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
          ...servers,
          name: "docker",
          globalSetup: "test/docker/setup.ts",
          include: ["test/docker/**/*.test.ts"],
        },
      },
    ],
  },
});
