import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { closingLine, count, surefireOf } from "../../../.ci/count.mjs";
import { temporaryFolder } from "../../helpers/folder.js";

/** As Vitest ends, in colours. */
const vitest = (tests: string) =>
  `\n \u001b[2m Test Files \u001b[22m 2 passed (2)\n\u001b[2m      Tests \u001b[22m ${tests}\n\u001b[2m   Start at \u001b[22m 10:00:00\n`;

describe("count", () => {
  it.each([
    ["Vitest", vitest("\u001b[1m\u001b[32m40 passed\u001b[39m\u001b[22m (40)"), 0, "run", [40, 0, 0]],
    ["single tests that were skipped", vitest("40 passed | 2 skipped (42)"), 0, "run", [40, 0, 2]],
    ["several times", vitest("40 passed (40)") + vitest("3 passed | 1 todo (4)"), 0, "run", [43, 0, 1]],
    ["a script of ours", "  pass  it builds\n\n26 passed, 0 failed\n", 0, "run", [26, 0, 0]],
    ["tests that failed", vitest("2 failed | 40 passed | 1 skipped (43)"), 1, "failed", [40, 2, 1]],
    ["a script that failed", "25 passed, 1 failed, 2 skipped\n", 1, "failed", [25, 1, 2]],
    ["failures with exit code 0", "25 passed, 1 failed\n", 0, "failed", [25, 1, 0]],
    ["an error after tests that passed", vitest("40 passed (40)"), 1, "failed", [40, 1, 0]],
    ["no count at all, and a failing exit", "error: no servers\n", 137, "failed", [0, 1, 0]],
  ])("%s", (_name, output, exitCode, state, [passed, failed, skipped]) => {
    expect(count(output, exitCode, "tests")).toMatchObject({ state, passed, failed, skipped });
  });

  it("takes a suite for failed that skipped all of its tests by itself", () => {
    const expected = {
      state: "failed",
      passed: 0,
      failed: 1,
      skipped: 12,
      note: "skipped all tests by itself",
    };
    expect(count(vitest("12 skipped (12)"), 0, "tests")).toEqual(expected);
  });

  it("does so, too, where only one of several runs skipped all", () => {
    const output = vitest("40 passed (40)") + vitest("12 skipped (12)");
    expect(count(output, 0, "tests")).toMatchObject({ state: "failed", passed: 40, failed: 1, skipped: 12 });
  });

  it("takes it for failed where one file of several skipped all of its tests, and names the file", () => {
    const file = (name: string) =>
      ` \u001b[2m↓\u001b[22m |unit| test/unit/${name}.test.ts (3 tests | 3 skipped)\n`;
    const end = (skipped: number) =>
      vitest("40 passed | 3 skipped (43)").replace("2 passed", `2 passed | ${skipped} skipped`);
    const outcome = (output: string, ...maySkip: string[]) => count(output, 0, "tests", maySkip);
    expect(outcome(` ✓ test/unit/c.test.ts (2 tests)\n${file("a")}${end(1)}`)).toMatchObject({
      ...{ state: "failed", passed: 40, failed: 1, skipped: 3 },
      note: "skipped whole files: test/unit/a.test.ts",
    });
    expect(outcome(file("a") + end(1), "test/unit/a.test.ts")).toMatchObject({ state: "run", failed: 0 });
    expect(outcome(file("a") + file("b") + end(2), "test/unit/a.test.ts")).toMatchObject({
      ...{ state: "failed", note: "skipped whole files: test/unit/b.test.ts" },
    });
    // Where the output does not say which, it may be any.
    expect(outcome(end(1), "test/unit/a.test.ts")).toMatchObject({ state: "failed", failed: 1 });
  });

  it.each(["", "skipped: the test of the image needs a Docker engine\n", "0 passed, 0 failed\n"])(
    "takes a suite for failed that ran no test: %j",
    (output) => {
      expect(count(output, 0, "tests")).toMatchObject({ state: "failed", passed: 0, failed: 1 });
    },
  );

  it("takes the exit code of what counts nothing", () => {
    expect(count("Checked 600 files.\n", 0, "exit")).toMatchObject({ state: "run", passed: 1, failed: 0 });
    expect(count("error\n", 1, "exit")).toMatchObject({
      ...{ state: "failed", passed: 0, failed: 1 },
      note: "ended with exit code 1",
    });
  });

  it("counts no line that only looks like one", () => {
    expect(count("the 40 passed, 0 failed\n✓ Tests 3 passed\n", 0, "tests")).toMatchObject({ passed: 0 });
  });
});

describe("Java's tests", () => {
  const folder = temporaryFolder();
  const ran = { state: "run", passed: 40, failed: 0, skipped: 1, note: "" } as const;
  const reports = (...texts: string[]) => {
    const path = mkdtempSync(join(folder, "reports-"));
    for (const [i, text] of texts.entries()) {
      writeFileSync(join(path, `${i}.txt`), `-----\nTest set: T${i}\n-----\n${text}, Time elapsed: 0.1 s\n`);
    }
    return path;
  };

  it("are added", () => {
    const path = reports(
      "Tests run: 5, Failures: 0, Errors: 0, Skipped: 0",
      "Tests run: 4, Failures: 0, Errors: 0, Skipped: 1",
    );
    expect(surefireOf(path, ran)).toEqual({ ...ran, passed: 48, skipped: 2 });
  });

  it("make the suite fail", () => {
    const path = reports("Tests run: 5, Failures: 1, Errors: 2, Skipped: 0");
    expect(surefireOf(path, ran)).toEqual({ ...ran, state: "failed", passed: 42, failed: 3 });
  });

  it("must be there", () => {
    const none = { state: "failed", failed: 1, note: "no test of Java has passed" };
    expect(surefireOf(reports(), ran)).toMatchObject(none);
    expect(surefireOf(join(folder, "nowhere"), ran)).toMatchObject(none);
  });

  it("must not all be skipped, or untold", () => {
    const none = { state: "failed", passed: 40, failed: 1, note: "no test of Java has passed" };
    const skipped = reports("Tests run: 5, Failures: 0, Errors: 0, Skipped: 5");
    expect(surefireOf(skipped, ran)).toMatchObject({ ...none, skipped: 6 });
    expect(surefireOf(reports("The forked VM said nothing"), ran)).toMatchObject(none);
  });
});

describe("the closing line", () => {
  it("is the sum of all, and names skipped tests where there are some", () => {
    expect(closingLine([])).toBe("0 passed, 0 failed");
    expect(closingLine([{ passed: 3, failed: 0, skipped: 0 }])).toBe("3 passed, 0 failed");
    const two = [
      { passed: 3, failed: 1, skipped: 2 },
      { passed: 4, failed: 0, skipped: 0 },
    ];
    expect(closingLine(two)).toBe("7 passed, 1 failed, 2 skipped");
  });
});
