import { defineConfig } from "vitest/config";

/** The unit tests of the rooms that use `ledger` and `lake`: Stryker starts them anew for each mutant, so the fewer the better. */
export default defineConfig({
  test: {
    include: ["test/unit/{ledger,lake,execution,pipeline}/**/*.test.ts"],
    isolate: false,
    testTimeout: 20_000,
  },
});
