import { defineConfig } from "vitest/config";

/**
 * The unit tests of `ledger` and `lake`, and of the records that they keep: those of use cases would notice some more, and take
 * many times as long. They share one worker, which keeps loaded modules. So a mutant in code that runs once, at import, would not
 * be seen: Stryker leaves those out, and a test calls what it tests inside the test.
 */
export default defineConfig({
  test: {
    include: ["test/unit/{ledger,lake,state}/**/*.test.ts"],
    isolate: false,
    testTimeout: 20_000,
  },
});
