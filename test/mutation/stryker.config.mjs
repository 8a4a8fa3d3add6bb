import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Mutations of the rooms that keep the account, in a copy of what the unit tests read. Results stand in build/mutation, and are
 * taken again for what a later run finds unchanged.
 */
export default {
  mutate: ["src/{ledger,lake}/**/*.ts"],
  testRunner: "vitest",
  vitest: { configFile: "test/mutation/vitest.config.ts", related: false },
  plugins: ["@stryker-mutator/vitest-runner", "./test/mutation/ignore-messages.mjs"],
  ignorers: ["messages"],
  coverageAnalysis: "perTest",
  // What runs at import: definitions of tables and of records, which tests compare as a whole.
  ignoreStatic: true,
  concurrency: 1,
  thresholds: { high: 95, low: 85, break: 85 },
  reporters: ["clear-text", "html", "json"],
  clearTextReporter: { logTests: false, reportTests: false, allowColor: false },
  htmlReporter: { fileName: "build/mutation/report.html" },
  jsonReporter: { fileName: "build/mutation/report.json" },
  tempDirName: "build/mutation/tmp",
  cleanTempDir: "always",
  ignorePatterns: [".*", "/bench", "/build", "/deploy", "/dist", "/docs", "/flink"],
  incremental: true,
  incrementalFile: `build/mutation/incremental/${inputs()}.json`,
};

/**
 * Stryker compares the mutated file and the tests, and takes everything else for unchanged. So a result is only taken again
 * where that is true; what is left to change between two runs is the tests.
 */
function inputs() {
  const hash = createHash("sha256").update(readFileSync("package-lock.json"));
  for (const folder of ["src", "datasets", "templates", "test"]) {
    for (const name of readdirSync(folder, { recursive: true }).sort()) {
      if (/^(?!.*\.test\.ts$).*\.\w+$/.test(name)) hash.update(name).update(readFileSync(join(folder, name)));
    }
  }
  return hash.digest("hex").slice(0, 16);
}
