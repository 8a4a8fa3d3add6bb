import { defineConfig } from "vitest/config";

/**
 * The unit tests of the rooms that use `ledger` and `lake`: the fewer, the sooner each mutant is judged. They share one worker,
 * which keeps loaded modules. So a mutant in code that runs once, at import, would not be seen: Stryker leaves those out.
 */
export default defineConfig({
  test: {
    include: ["test/unit/{ledger,lake,state,execution,pipeline}/**/*.test.ts"],
    isolate: false,
    testTimeout: 20_000,
  },
});
