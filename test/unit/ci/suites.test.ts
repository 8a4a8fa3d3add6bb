import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { knownNeeds } from "../../../.ci/needs.mjs";
import { choose } from "../../../.ci/select.mjs";
import { covers, parseTable, readTable } from "../../../.ci/table.mjs";
import { root } from "../../helpers/folder.js";

const table = readTable(root);
const { suites } = table;
const chosenBy = (file: string) => choose(table, [file], table).chosen;
const words = (command: string) => command.split(/\s+/).filter((word) => word.startsWith("test/"));
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};
const filesOf = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((file) => `${folder}/${file.replaceAll("\\", "/")}`)
    .filter((file) => statSync(join(root, file)).isFile());

describe(".ci/suites", () => {
  it("begins with the core, which runs npm test and with it test:e2e", () => {
    expect(suites[0]).toMatchObject({ when: "always", run: "npm cit" });
    for (const part of ["fast", "property", "java", "e2e"])
      expect(scripts.test).toContain(`npm run test:${part}`);
  });

  it("has every file of tests that needs more than Node in a suite that a change can choose, and by day", () => {
    const byDay = suites.filter(({ when }) => when !== "nightly");
    const run = [...words(scripts["test:e2e"] ?? ""), ...byDay.flatMap((suite) => words(suite.run))];
    const tests = ["e2e", "chaos", "remote", "docker", "kubernetes"]
      .flatMap((folder) => filesOf(`test/${folder}`))
      .filter((file) => file.endsWith(".test.ts"));
    expect(tests.length).toBeGreaterThan(20);
    expect(tests.filter((file) => !covers(run, file))).toEqual([]);
    const image = suites.find(({ run: command }) => command.includes("test:image"));
    expect(filesOf("test/image").filter((file) => !covers(image?.paths ?? [], file))).toEqual([]);
  });

  it("names only tests that are there", () => {
    const run = [...words(scripts["test:e2e"] ?? ""), ...suites.flatMap((suite) => words(suite.run))];
    for (const path of [...run, ...suites.flatMap(({ maySkip }) => maySkip)])
      expect(() => statSync(join(root, path)), path).not.toThrow();
  });

  it("knows each room, so that a change in it does not choose everything", () => {
    const known = suites.flatMap(({ paths }) => paths);
    const rooms = [
      ...readdirSync(join(root, "src")),
      ...readdirSync(join(root, "src/pipeline")).map((name) => `pipeline/${name}`),
    ]
      .map((name) => `src/${name}`)
      .filter((path) => path !== "src/pipeline" && statSync(join(root, path)).isDirectory());
    expect(rooms.length).toBeGreaterThan(10);
    expect(rooms.filter((path) => !covers(known, path))).toEqual([]);
  });

  it("fits into 25 minutes: the core, and the largest suite that a change can choose", () => {
    const sum = suites
      .filter(({ when }) => when === "always")
      .reduce((total, { seconds }) => total + seconds, 0);
    const largest = Math.max(
      ...suites.filter(({ when }) => when === "changes").map(({ seconds }) => seconds),
    );
    expect(suites[0]?.seconds).toBeLessThanOrEqual(600);
    expect(sum + largest).toBeLessThanOrEqual(1500);
  });

  it("has a suite for each room, so that no room is the core's alone by mistake", () => {
    for (const path of [
      "src/core",
      "src/runtime",
      "templates",
      "flink",
      "src/ledger",
      "src/lake",
      "src/execution",
    ]) {
      const chosen = suites.filter(({ when, paths }) => when === "changes" && covers(paths, path));
      expect([path, chosen.length > 5]).toEqual([path, true]);
    }
  });

  it("chooses each suite on the stack of test/e2e/setup.ts for that file, and for the dataset it begins with", () => {
    const onIt = suites.filter(({ when, run }) => when !== "nightly" && /--project (e2e|chaos)\b/.test(run));
    expect(onIt.length).toBeGreaterThan(10);
    for (const file of ["test/e2e/setup.ts", "datasets/taxi.yml"])
      expect(chosenBy(file)).toEqual(expect.arrayContaining(onIt.map(({ name }) => name)));
  });

  it("chooses everything for what runs and counts the suites, and for .ci/base the core alone", () => {
    const byDay = suites.filter(({ when }) => when !== "nightly").map(({ name }) => name);
    for (const file of ["run", "tools", "main.mjs", "runner.mjs", "count.mjs", "needs.mjs", "docker"])
      expect([file, chosenBy(`.ci/${file}`)]).toEqual([file, byDay]);
    for (const file of ["base", "suites"]) expect(chosenBy(`.ci/${file}`)).toEqual(["core", "lint"]);
  });

  it("takes for a change the time that CONTRIBUTING.md says", () => {
    const minutes = (room: string) => {
      const inTurn = suites.filter(
        ({ name, needs }) => chosenBy(`${room}/a.ts`).includes(name) && needs.length > 0,
      );
      return inTurn.reduce((total, { seconds }) => total + seconds, 0) / 60;
    };
    const half = ["batch", "stack", "maintain", "stream"];
    for (const name of readdirSync(join(root, "src/pipeline"))) {
      const most = ["ingest", "validate"].includes(name) ? 75 : half.includes(name) ? 50 : 25;
      expect([name, minutes(`src/pipeline/${name}`) <= most]).toEqual([name, true]);
    }
    for (const room of ["src/core", "src/runtime", "src/flink", "src/lake", "src/ledger", "templates"]) {
      expect([room, minutes(room) >= 45 && minutes(room) <= 95]).toEqual([room, true]);
    }
  });

  it("has time for all suites in the workflow, on a machine that takes half as long again", () => {
    const workflow = parse(readFileSync(join(root, ".github/workflows/ci.yml"), "utf8")) as {
      jobs: { ci: { "timeout-minutes": number } };
    };
    const inTurn = suites.filter(({ when, needs }) => when !== "nightly" && needs.length > 0);
    const seconds = inTurn.reduce((total, suite) => total + suite.seconds, 0);
    expect(workflow.jobs.ci["timeout-minutes"] * 60).toBeGreaterThanOrEqual(seconds * 1.5);
  });

  it("asks only for what .ci can make", () => {
    expect(suites.flatMap(({ needs }) => needs).filter((need) => !knownNeeds.includes(need))).toEqual([]);
  });
});

describe("a table", () => {
  const suite = "suite a\n  run x\n  seconds 3\n";

  it("is read with its groups, comments and lines that go on", () => {
    const text = `# c\n@g src/a src/b\nall p.json\n${suite}  run test/y.test.ts # why\n  paths @g src/c\n  needs stack go\n  may-skip test/z.test.ts\n  paths d`;
    expect(parseTable(text)).toEqual({
      all: ["p.json"],
      suites: [
        {
          ...{ name: "a", when: "changes", run: "x test/y.test.ts", seconds: 3, counts: "tests" },
          ...{
            needs: ["stack", "go"],
            maySkip: ["test/z.test.ts"],
            paths: ["src/a", "src/b", "src/c", "d", "test/y.test.ts"],
          },
        },
      ],
    });
  });

  it.each([
    [`${suite}  path x\n`, ".ci/suites:4: path is no key of a suite"],
    ["run x\n", ".ci/suites:1: run is no key of a suite"],
    [`${suite}  paths @none\n`, ".ci/suites:4: no group @none above"],
    [suite + suite, ".ci/suites:4: a second suite a"],
    ["suite a b\n", ".ci/suites:1: a suite has one name"],
    ["suite a\n  seconds 3\n", "suite a: no run"],
    ["suite a\n  run x\n", "suite a: no seconds"],
    [`${suite}  when sometimes\n`, "suite a: when sometimes"],
    [`${suite}  counts lines\n`, "suite a: counts lines"],
  ])("that is wrong is refused: %j", (text, message) => {
    expect(() => parseTable(text)).toThrow(message);
  });
});
